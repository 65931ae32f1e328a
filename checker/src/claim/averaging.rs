//! Claims of sparse averaging: one unit and a bound on its error.
//!
//! In: the fields of a claim. Out: its JSON form, the rule `claim`, what a bound has to meet, its words.
//! Symbols of the paper: `tokens` is N, `sparsity` q, `value_dim` d', `scale` α, `error` ε,
//! `key_width` m', `field_size` Q, `degree_bound` k, `evaluations` n.

use num_bigint::BigInt;

use crate::claim::raw::{FORMAT, RawClaim, VERSION};
use crate::claim::{Kind, Method, rational_text, to_name};
use crate::number::{Dyadic, Rational, power_of_two};
use crate::side_condition::{SideCondition, Violation, require};
use crate::verdict::Verdict;

/// How sign keys get their dual vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dual {
    /// The least-norm vector with inner product 1 on the support.
    LeastSquares,
    /// The least-norm vector with inner product 1 on the support and at most `1 - margin` off it.
    MaxMargin,
}

/// The construction, with the parameters that only it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Keys on the moment curve.
    MomentCurve,
    /// Keys of pseudo-random signs.
    SignKeys {
        /// Signs in a key.
        key_width: u64,
        /// Seed of the signs.
        seed: u64,
        /// Kind of dual vector.
        dual: Dual,
        /// Margin of the `max-margin` dual vector; `None` is `"none"`.
        margin: Option<Rational>,
        /// Fraction bits of a query entry.
        fraction_bits: u64,
    },
    /// Keys from polynomials over a prime field.
    CodeKeys {
        /// Size of the field.
        field_size: u64,
        /// Number of coefficients of a polynomial.
        degree_bound: u64,
        /// Number of evaluation points.
        evaluations: u64,
    },
}

/// A claim about a unit of sparse averaging; the numbers in it are in lowest terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SparseAveraging {
    /// The kind of assertion.
    pub kind: Kind,
    /// The method of proof.
    pub method: Method,
    /// Number of tokens.
    pub tokens: u64,
    /// Size of a support.
    pub sparsity: u64,
    /// Dimension of a value.
    pub value_dim: u64,
    /// Fraction bits of a value's coordinate.
    pub value_fraction_bits: u64,
    /// The construction.
    pub unit: Unit,
    /// The factor on the scores.
    pub scale: Rational,
    /// The asserted error; `None` is `"none"`.
    pub error: Option<Rational>,
    /// `lo` and `hi` of an enclosure.
    pub range: Option<(Dyadic, Dyadic)>,
}

pub(crate) const DUALS: [(Dual, &str); 2] = [(Dual::LeastSquares, "least-squares"), (Dual::MaxMargin, "max-margin")];

impl Dual {
    /// Its name in a claim.
    #[must_use]
    pub fn name(self) -> &'static str {
        to_name(&DUALS, &self)
    }
}

impl Unit {
    /// The `id` of its claims.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Unit::MomentCurve => "sparse-averaging/moment-curve",
            Unit::SignKeys { .. } => "sparse-averaging/sign-keys",
            Unit::CodeKeys { .. } => "sparse-averaging/code-keys",
        }
    }

    /// Sign keys with least-squares dual vectors.
    pub(crate) fn least_squares(key_width: u64, seed: u64, fraction_bits: u64) -> Self {
        Unit::SignKeys { key_width, seed, dual: Dual::LeastSquares, margin: None, fraction_bits }
    }

    /// Whether a bound on its error can be proved by this method.
    pub(crate) fn has_method(&self, method: Method) -> bool {
        match method {
            Method::Exhaustive => true,
            Method::ClosedForm => !matches!(self, Unit::SignKeys { .. }),
            Method::Coherence | Method::Babel => matches!(self, Unit::SignKeys { .. }),
            Method::Decoding | Method::Witness => false,
        }
    }
}

impl SparseAveraging {
    pub(crate) fn to_raw(&self) -> RawClaim {
        let mut raw = RawClaim {
            format: FORMAT.to_owned(),
            version: VERSION,
            id: self.unit.id().to_owned(),
            kind: self.kind.name().to_owned(),
            method: self.method.name().to_owned(),
            tokens: self.tokens,
            sparsity: Some(self.sparsity),
            value_dim: Some(self.value_dim),
            value_fraction_bits: Some(self.value_fraction_bits),
            scale: self.scale.to_string(),
            error: Some(rational_text(self.error.as_ref())),
            lo: self.range.as_ref().map(|(lo, _)| lo.to_string()),
            hi: self.range.as_ref().map(|(_, hi)| hi.to_string()),
            ..RawClaim::default()
        };
        match &self.unit {
            Unit::MomentCurve => {}
            Unit::SignKeys { key_width, seed, dual, margin, fraction_bits } => {
                raw.key_width = Some(*key_width);
                raw.seed = Some(*seed);
                raw.dual = Some(dual.name().to_owned());
                raw.margin = Some(rational_text(margin.as_ref()));
                raw.fraction_bits = Some(*fraction_bits);
            }
            Unit::CodeKeys { field_size, degree_bound, evaluations } => {
                raw.field_size = Some(*field_size);
                raw.degree_bound = Some(*degree_bound);
                raw.evaluations = Some(*evaluations);
            }
        }
        raw
    }

    /// The bound that the method has to prove: `hi` of an enclosure, `error` of an upper bound.
    pub(crate) fn target(&self) -> Option<Rational> {
        match self.kind {
            Kind::UpperBound => self.error.clone(),
            Kind::Enclosure => self.range.as_ref().map(|(_, hi)| hi.to_rational()),
            Kind::Counterexample | Kind::Decision => None,
        }
    }

    /// `2^{⌊log₂T⌋-64}` for a positive target `T`: bounds of blocks need not be sharper.
    pub(crate) fn floor(&self) -> Option<Rational> {
        let target = self.target().filter(Rational::is_positive)?;
        let (numer, denom) = (target.numer(), target.denom());
        // 2^(a-b-1) < T < 2^(a-b+1) for the bit lengths a, b: the power at a-b if T reaches it, else the one below.
        let (a, b) = (numer.bits(), denom.bits());
        let power = Rational::new(power_of_two(a), power_of_two(b + 64))?;
        let reaches = denom << a <= numer << b;
        if reaches { Some(power) } else { power.over(&Rational::integer(2)) }
    }

    /// Whether a proved bound `b ≥ max_y D(y)` meets the target `T`.
    ///
    /// *Ensures* `b + √d'·2^{-f_v} ≤ T`.
    /// *Why* it says `b ≤ T` and `d' ≤ (T - b)²·4^{f_v}`.
    /// *Source* Lemma C.
    pub(crate) fn is_met_by(&self, bound: &Rational) -> bool {
        let Some(target) = self.target() else {
            return false;
        };
        let room = target.minus(bound);
        if room.is_negative() {
            return false;
        }
        let squared = room.times(&room);
        BigInt::from(self.value_dim) * squared.denom() <= squared.numer() << (2 * self.value_fraction_bits)
    }

    /// Refuses claims that would be true whatever the unit does.
    pub(crate) fn check_vacuity(&self) -> Result<(), Verdict> {
        if self.sparsity == 0 {
            return Err(Verdict::vacuous("sparsity-zero", "expected a support of at least one token"));
        }
        if self.tokens < self.sparsity {
            return Err(Verdict::vacuous("sparsity-exceeds-tokens", "expected supports within the tokens"));
        }
        if self.value_dim == 0 {
            return Err(Verdict::vacuous("value-dim-zero", "expected values of at least one dimension"));
        }
        let two = Rational::integer(2);
        let is_trivial = match (self.kind, &self.error, &self.range) {
            (Kind::UpperBound, Some(error), _) => two <= *error,
            (Kind::Counterexample, Some(error), _) => error.is_negative(),
            (Kind::Enclosure, _, Some((lo, hi))) => lo.to_rational() <= Rational::integer(0) && two <= hi.to_rational(),
            _ => false,
        };
        if is_trivial {
            return Err(Verdict::vacuous("error-trivial", "expected an error that some unit fails to meet"));
        }
        Ok(())
    }

    /// Rule `claim`: the side conditions on the parameters alone.
    pub(crate) fn check(&self) -> Result<(), Violation> {
        require(SideCondition::ClaimS1, self.scale.is_positive(), || "expected a positive scale".into())?;
        let is_nonnegative = self.error.as_ref().is_none_or(|error| !error.is_negative());
        require(SideCondition::ClaimS2, is_nonnegative, || "expected an error of at least 0".into())?;
        self.check_unit()?;
        let Some((lo, hi)) = &self.range else {
            return Ok(());
        };
        let (lo, hi) = (lo.to_rational(), hi.to_rational());
        require(SideCondition::ClaimS8, !lo.is_negative() && lo <= hi, || "expected 0 <= lo <= hi".into())?;
        let is_below_error = self.error.as_ref().is_none_or(|error| hi <= *error);
        require(SideCondition::ClaimS9, is_below_error, || "expected hi at most error".into())
    }

    /// The side conditions on the keys alone, which also hold for an averaging layer.
    pub(crate) fn check_unit(&self) -> Result<(), Violation> {
        match &self.unit {
            Unit::MomentCurve => Ok(()),
            Unit::SignKeys { key_width, dual, margin, .. } => {
                require(SideCondition::ClaimS3, 1 <= *key_width, || "expected keys of at least one sign".into())?;
                let one = Rational::integer(1);
                let has_margin = match (dual, margin) {
                    (Dual::LeastSquares, None) => true,
                    (Dual::MaxMargin, Some(margin)) => margin.is_positive() && *margin <= one,
                    _ => false,
                };
                require(SideCondition::ClaimS4, has_margin, || {
                    "expected a margin within (0, 1] for max-margin and none for least-squares".into()
                })
            }
            Unit::CodeKeys { field_size, degree_bound, evaluations } => {
                require(SideCondition::ClaimS5, is_prime(*field_size), || "expected a prime field_size".into())?;
                let has_points = 1 <= *degree_bound && 1 <= *evaluations && evaluations <= field_size;
                require(SideCondition::ClaimS6, has_points, || {
                    "expected degree_bound >= 1 and 1 <= evaluations <= field_size".into()
                })?;
                let has_polynomials = power_reaches(*field_size, *degree_bound, self.tokens);
                require(SideCondition::ClaimS7, has_polynomials, || {
                    "expected tokens at most field_size to the power degree_bound".into()
                })
            }
        }
    }

    /// What the certificate proves, in words; a counterexample adds its own input.
    pub(crate) fn statement(&self, support: &[u64], raised: &[u64]) -> String {
        let (method, unit) = (self.method.name(), self.unit_in_words());
        let error = rational_text(self.error.as_ref());
        let mut words = match (self.kind, &self.range) {
            (Kind::Enclosure, Some((lo, hi))) => {
                let at_most = if self.error.is_some() { format!(", at most {error}") } else { String::new() };
                format!(
                    "sparse-averaging enclosure by {method}: the worst-case error over every support and all values \
                     in the unit ball of {unit} lies in [{lo}, {hi}]{at_most}"
                )
            }
            (Kind::Counterexample, _) => format!(
                "sparse-averaging counterexample: {unit} has error > {error} at support {{{}}} with values +1 on \
                 {{{}}} and off the support and -1 on the rest of it",
                list(support),
                list(raised)
            ),
            _ => format!(
                "sparse-averaging upper-bound by {method}: for every support and all values in the unit ball {unit} \
                 has error <= {error}"
            ),
        };
        if self.is_met_trivially() {
            words.push_str(" [note: the zero output or uniform attention also meets this bound]");
        }
        words
    }

    /// Whether the zero output, of error at most 1, or uniform attention, of weight error `2(N-q)/N`, meets the target.
    fn is_met_trivially(&self) -> bool {
        let n_off = BigInt::from(self.tokens) - BigInt::from(self.sparsity);
        let uniform = Rational::new(n_off * 2u32, BigInt::from(self.tokens));
        let zero_meets = self.target().is_some_and(|target| Rational::integer(1) <= target);
        zero_meets || uniform.is_some_and(|uniform| self.is_met_by(&uniform))
    }

    fn unit_in_words(&self) -> String {
        let common = format!(
            "tokens={} sparsity={} value_dim={} value_fraction_bits={}",
            self.tokens, self.sparsity, self.value_dim, self.value_fraction_bits
        );
        let (keys, own) = match &self.unit {
            Unit::MomentCurve => ("moment-curve keys", String::new()),
            Unit::SignKeys { key_width, seed, dual, margin, fraction_bits } => (
                "sign keys",
                format!(
                    " key_width={key_width} seed={seed} dual={} margin={} fraction_bits={fraction_bits}",
                    dual.name(),
                    rational_text(margin.as_ref())
                ),
            ),
            Unit::CodeKeys { field_size, degree_bound, evaluations } => {
                ("code keys", format!(" field_size={field_size} degree_bound={degree_bound} evaluations={evaluations}"))
            }
        };
        format!("the unit with {keys} ({common}{own} scale={})", self.scale)
    }
}

/// Tokens, separated by a comma and a space.
fn list(tokens: &[u64]) -> String {
    let words: Vec<String> = tokens.iter().map(ToString::to_string).collect();
    words.join(", ")
}

/// Primality by trial division; the limit on `field_size` keeps it below `2^16` steps.
fn is_prime(number: u64) -> bool {
    2 <= number
        && (2u64..)
            .take_while(|divisor| divisor.checked_mul(*divisor).is_some_and(|square| square <= number))
            .all(|divisor| !number.is_multiple_of(divisor))
}

/// Whether `bound ≤ base^exponent`; the exponent has been limited, and a base above 1 soon leaves 64 bits.
fn power_reaches(base: u64, exponent: u64, bound: u64) -> bool {
    let mut power = 1u64;
    for _ in 0..exponent {
        match power.checked_mul(base) {
            Some(product) => power = product,
            None => return true,
        }
    }
    bound <= power
}

#[cfg(test)]
mod tests {
    use super::{SparseAveraging, is_prime, power_reaches};
    use crate::claim::Claim;

    const MOMENT: &str = r#"{"format":"attestor-claim","version":1,"id":"sparse-averaging/moment-curve","kind":"upper-bound","method":"closed-form","tokens":64,"sparsity":3,"value_dim":5,"value_fraction_bits":20,"scale":"3/2","error":"1/10"}"#;

    fn moment() -> SparseAveraging {
        Claim::parse(MOMENT.as_bytes()).expect("a claim").averaging().expect("of sparse averaging").clone()
    }

    #[test]
    fn words() {
        assert_eq!(
            moment().statement(&[], &[]),
            "sparse-averaging upper-bound by closed-form: for every support and all values in the unit ball the unit \
             with moment-curve keys (tokens=64 sparsity=3 value_dim=5 value_fraction_bits=20 scale=3/2) has error <= 1/10"
        );
    }

    #[test]
    fn bounds_with_rounded_values() {
        // √5·2^-20 = 2.1325e-6.
        let claim = moment();
        let parse = |text| super::Rational::parse(text).expect("a rational");
        assert!(claim.is_met_by(&parse("99997/1000000")));
        assert!(!claim.is_met_by(&parse("49999/500000").minus(&parse("1/10000000"))));
        assert!(!claim.is_met_by(&parse("2")));
    }

    #[test]
    fn floors_are_the_power_of_two_below() {
        for (target, floor) in
            [("1", "1"), ("3/2", "1"), ("2", "2"), ("1/100", "1/128"), ("1/128", "1/128"), ("7", "4")]
        {
            let parse = |text: &str| crate::number::Rational::parse(text).unwrap();
            let mut claim = moment();
            claim.error = Some(parse(target));
            let unit = crate::number::Rational::scaled(1.into(), 64);
            assert_eq!(claim.floor(), Some(parse(floor).times(&unit)), "{target}");
            claim.error = Some(parse("0"));
            assert_eq!(claim.floor(), None);
        }
    }

    #[test]
    fn primes_and_powers() {
        let primes: Vec<u64> = (0..30).filter(|number| is_prime(*number)).collect();
        assert_eq!(primes, [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]);
        assert!(is_prime(4_294_967_291));
        assert!(!is_prime(4_294_967_295));
        assert!(power_reaches(3, 4, 81) && !power_reaches(3, 4, 82));
        assert!(power_reaches(2, 64, u64::MAX) && !power_reaches(0, 3, 1) && power_reaches(7, 0, 1));
    }
}
