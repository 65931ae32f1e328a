//! Thm 3: keys on the moment curve.
//!
//! The score of token `j` is, up to a constant common to all, `-α·∏_{l∈y}(j - l)²`:
//! 0 on the support, where it is largest, and so the weight of `j` is `e^{-α·∏_{l∈y}(j - l)²}`.

use num_bigint::BigUint;
use num_traits::{One, ToPrimitive};

use crate::exp::{Enclosure, ScaledExp};

/// Below this, a product stays within 128 bits when one more squared distance (below 2^32) is put on it.
const MACHINE_CAP_BITS: u64 = 95;

/// Shows the weight of every token at this support, for at most `2^16` tokens.
pub(crate) fn visit(n_tokens: u64, support: &[u64], exp: &mut ScaledExp, visit: &mut dyn FnMut(u64, &Enclosure)) {
    let (on, negligible) = (Enclosure::one(exp.precision()), exp.exp().negligible());
    // All factors off the support are at least 1, so a partial product at the cap settles it.
    let cap = exp.cap().cloned();
    let machine_cap = cap.as_ref().filter(|cap| cap.bits() <= MACHINE_CAP_BITS).and_then(ToPrimitive::to_u128);
    let mut members = support.iter().peekable();
    for token in 0..n_tokens {
        if members.next_if_eq(&&token).is_some() {
            visit(token, &on);
        } else if let Some(cap) = machine_cap {
            match machine_product(token, support, cap) {
                Some(product) => visit(token, exp.at(product)),
                None => visit(token, &negligible),
            }
        } else {
            match big_product(token, support, cap.as_ref()) {
                Some(product) => visit(token, &exp.at_big(&product)),
                None => visit(token, &negligible),
            }
        }
    }
}

/// `∏_{l∈y}(token - l)²` if it is below the cap.
fn machine_product(token: u64, support: &[u64], cap: u128) -> Option<u128> {
    let mut product = 1u128;
    for &member in support {
        let distance = token.abs_diff(member);
        product *= u128::from(distance * distance);
        if cap <= product {
            return None;
        }
    }
    Some(product)
}

/// The same for products of any size.
fn big_product(token: u64, support: &[u64], cap: Option<&BigUint>) -> Option<BigUint> {
    let mut product = BigUint::one();
    for &member in support {
        let distance = token.abs_diff(member);
        product *= distance * distance;
        if cap.is_some_and(|cap| *cap <= product) {
            return None;
        }
    }
    Some(product)
}

#[cfg(test)]
mod tests {
    use super::visit;
    use crate::exp::{NegExp, ScaledExp};
    use crate::number::Rational;
    use crate::units::split;
    use num_bigint::BigUint;

    #[test]
    fn small_row_by_hand() {
        // Support {1, 4} of 6 tokens at α = 1/9: products 16, 4, 4, 16 at tokens 0, 2, 3, 5.
        for (scale, denom) in [("1/9", 9u128), ("1/79228162514264337593543950336", 1 << 96)] {
            let mut exp = ScaledExp::new(&Rational::parse(scale).unwrap(), 128);
            let found = split(&[1, 4], |each| visit(6, &[1, 4], &mut exp, each));
            let mut reference = NegExp::new(128);
            let mut sum = crate::exp::Enclosure::zero();
            for product in [16u32, 4, 4, 16] {
                sum.add(&reference.at(&BigUint::from(product), &BigUint::from(denom)));
            }
            assert_eq!(found.off, sum);
            assert_eq!(found.on.len(), 2);
        }
    }
}
