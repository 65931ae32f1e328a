//! Thm 2, explicit form: keys from polynomials over a prime field.
//!
//! Token `j` is the polynomial whose coefficients are the base-`Q` digits of `j`.
//! Its score is `α·o_j` with `o_j = #{x < n : f_j(x) = f_l(x) for some l∈y}`, which is `n` on the support,
//! so its weight is `e^{-α(n - o_j)}`.

use crate::exp::{Enclosure, ScaledExp};
use crate::units::sign_keys::to_index;

/// The values `f_j(x)` of all tokens at all points.
pub(crate) struct CodeKeys {
    n_tokens: u64,
    n_points: usize,
    /// Token after token, each at the points `0 … n-1`.
    values: Vec<u32>,
}

impl CodeKeys {
    /// Evaluates all polynomials; `N·n` has been limited.
    pub(crate) fn new(n_tokens: u64, field_size: u64, degree_bound: u64, evaluations: u64) -> Self {
        let mut values = Vec::new();
        for token in 0..n_tokens {
            let coefficients = digits(token, field_size, degree_bound);
            for point in 0..evaluations {
                values.push(evaluate(&coefficients, point, field_size));
            }
        }
        CodeKeys { n_tokens, n_points: to_index(evaluations), values }
    }

    fn key(&self, token: u64) -> &[u32] {
        let start = to_index(token).saturating_mul(self.n_points);
        self.values.get(start..start.saturating_add(self.n_points)).unwrap_or_default()
    }

    /// The number of points at which the token agrees with some member of the support.
    fn overlap(&self, token: u64, members: &[&[u32]]) -> usize {
        let agrees = |point: usize, value: &u32| members.iter().any(|member| member.get(point) == Some(value));
        self.key(token).iter().enumerate().filter(|(point, value)| agrees(*point, value)).count()
    }

    /// Shows the weight of every token at this support; on it the overlap is `n` and the weight 1.
    pub(crate) fn visit(&self, support: &[u64], exp: &mut ScaledExp, visit: &mut dyn FnMut(u64, &Enclosure)) {
        let members: Vec<&[u32]> = support.iter().map(|member| self.key(*member)).collect();
        let on = Enclosure::one(exp.precision());
        let mut due = support.iter().peekable();
        for token in 0..self.n_tokens {
            if due.next_if_eq(&&token).is_some() {
                visit(token, &on);
            } else {
                let gap = self.n_points.saturating_sub(self.overlap(token, &members));
                visit(token, exp.at(u128::try_from(gap).unwrap_or(u128::MAX)));
            }
        }
    }
}

/// The base-`base` digits of a number, the least significant first; a base below 2 has none.
fn digits(mut number: u64, base: u64, count: u64) -> Vec<u64> {
    let mut digits = Vec::new();
    for _ in 0..count {
        // Leading zeros change no value.
        if number == 0 || base < 2 {
            break;
        }
        digits.push(number % base);
        number /= base;
    }
    digits
}

/// The polynomial's value at `point`, by powers of the point; `field_size < 2^32`.
fn evaluate(coefficients: &[u64], point: u64, field_size: u64) -> u32 {
    let (mut value, mut power) = (0u64, 1u64);
    for coefficient in coefficients {
        // Both factors are below 2^32, so the product fits, and so does the sum after reduction.
        value = (value + coefficient * power % field_size) % field_size;
        power = power * point % field_size;
    }
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{CodeKeys, digits, evaluate};

    #[test]
    fn polynomials_by_hand() {
        // 38 = 3 + 2·5 + 1·25 is the polynomial 3 + 2x + x².
        assert_eq!(digits(38, 5, 3), [3, 2, 1]);
        let values: Vec<u32> = (0..5).map(|point| evaluate(&[3, 2, 1], point, 5)).collect();
        assert_eq!(values, [3, 1, 1, 3, 2]);
    }

    #[test]
    fn distinct_polynomials_agree_in_fewer_points_than_the_degree_bound() {
        let keys = CodeKeys::new(49, 7, 2, 7);
        for left in 0..49 {
            for right in 0..49 {
                let overlap = keys.overlap(left, &[keys.key(right)]);
                assert!(if left == right { overlap == 7 } else { overlap <= 1 });
            }
        }
        assert_eq!(keys.overlap(8, &[keys.key(0), keys.key(1)]), 2);
    }
}
