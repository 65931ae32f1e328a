//! Thm 3: keys on the moment curve.
//!
//! The score of token `j` is, up to a constant common to all, `-α·∏_{l∈y}(j - l)²`:
//! 0 on the support, where it is largest, and so the weight of `j` is `e^{-α·∏_{l∈y}(j - l)²}`.

use num_bigint::BigUint;
use num_traits::{One, ToPrimitive};

use crate::exp::{Enclosure, ScaledExp};
use crate::supports::complement;
use crate::weight_error::Weights;

/// Below this, a product stays within 128 bits when one more squared distance (below 2^32) is put on it.
const MACHINE_CAP_BITS: u64 = 95;

/// The weights of the row with this support, for at most `2^16` tokens.
pub(crate) fn weights(n_tokens: u64, support: &[u64], exp: &mut ScaledExp) -> Weights {
    let on = support.iter().map(|_| Enclosure::one(exp.precision())).collect();
    let mut off = Enclosure::zero();
    // All factors are at least 1, so a partial product at the cap settles it.
    let cap = exp.cap().cloned();
    let machine_cap = cap.as_ref().filter(|cap| cap.bits() <= MACHINE_CAP_BITS).and_then(ToPrimitive::to_u128);
    let mut n_negligible = 0u64;
    for token in complement(support, n_tokens) {
        if let Some(cap) = machine_cap {
            match machine_product(token, support, cap) {
                Some(product) => off.add(exp.at(product)),
                None => n_negligible += 1,
            }
        } else {
            match big_product(token, support, cap.as_ref()) {
                Some(product) => off.add(&exp.at_big(&product)),
                None => n_negligible += 1,
            }
        }
    }
    // Each of them lies in [0, 1] units.
    off.ulps += n_negligible;
    Weights { on, off }
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
    use super::weights;
    use crate::exp::{NegExp, ScaledExp};
    use crate::number::Rational;
    use num_bigint::BigUint;

    #[test]
    fn small_row_by_hand() {
        // Support {1, 4} of 6 tokens at α = 1/9: products 16, 4, 4, 16 at tokens 0, 2, 3, 5.
        for (scale, denom) in [("1/9", 9u128), ("1/79228162514264337593543950336", 1 << 96)] {
            let mut exp = ScaledExp::new(&Rational::parse(scale).unwrap(), 128);
            let found = weights(6, &[1, 4], &mut exp);
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
