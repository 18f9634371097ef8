//! Numbers as DynamoDB stores them: up to 38 significant digits, without leading and trailing zeros.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html#HowItWorks.DataTypes.Number>

use std::{borrow::Cow, cmp::Ordering};

/// The largest number of digits.
const MOST_DIGITS: usize = 38;
/// The allowed powers of ten of the first digit.
const POWERS: std::ops::RangeInclusive<i64> = -130..=125;

/// A parsed number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// Zero is not negative.
    is_negative: bool,
    /// The digits from the first to the last that is not zero. Zero has none.
    digits: String,
    /// The power of ten of the first digit.
    power: i64,
}

impl Number {
    /// Parses a number in a request. `None` if DynamoDB does not accept it.
    pub fn parse(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (written, exponent) = match unsigned.split_once(['e', 'E']) {
            None => (unsigned, 0),
            Some((written, exponent)) => (written, exponent.parse::<i64>().ok()?),
        };
        let (whole, part) = written.split_once('.').unwrap_or((written, ""));
        let all = [whole, part].concat();
        if all.is_empty() || !all.bytes().all(|it| it.is_ascii_digit()) {
            return None;
        }
        let Some(first) = all.find(|it| it != '0') else {
            return Some(Number { is_negative: false, digits: String::new(), power: 0 });
        };
        let digits = all[first..].trim_end_matches('0').to_owned();
        let places = i64::try_from(whole.len()).ok()? - 1 - i64::try_from(first).ok()?;
        let power = exponent.checked_add(places)?;
        (digits.len() <= MOST_DIGITS && POWERS.contains(&power)).then(|| Number {
            is_negative: text.starts_with('-'),
            digits,
            power,
        })
    }

    /// Returns the text in DynamoDB's answers, which has no exponent.
    pub fn text(&self) -> String {
        if self.digits.is_empty() {
            return "0".to_owned();
        }
        let sign = if self.is_negative { "-" } else { "" };
        let (whole, part) = self.digits.split_at(self.whole());
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
        let behind = zeros(self.power + 1 - self.digits.len() as i64);
        match (whole, part) {
            ("", part) => format!("{sign}0.{}{part}", zeros(-1 - self.power)),
            (whole, "") => format!("{sign}{whole}{behind}"),
            (whole, part) => format!("{sign}{whole}.{part}"),
        }
    }

    /// Returns its size as DynamoDB counts it: one byte for each two digits on each side of the point, one more, and one
    /// for a minus.
    ///
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>
    pub fn bytes(&self) -> usize {
        let (whole, part) = self.digits.split_at(self.whole());
        whole.len().div_ceil(2) + part.len().div_ceil(2) + 1 + usize::from(self.is_negative)
    }

    /// How many of its digits are to the left of the decimal point.
    fn whole(&self) -> usize {
        usize::try_from(self.power + 1).unwrap_or_default().min(self.digits.len())
    }

    fn sign(&self) -> i8 {
        match (self.digits.is_empty(), self.is_negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        // The first digit is not zero, so digits with the same power compare like texts.
        let size = self.power.cmp(&other.power).then_with(|| self.digits.cmp(&other.digits));
        self.sign().cmp(&other.sign()).then(match self.is_negative {
            true => size.reverse(),
            false => size,
        })
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Returns the text in DynamoDB's answers for a number that it accepts. Other texts are returned unchanged.
pub fn kept(text: &str) -> Cow<'_, str> {
    match is_kept(text) {
        true => Cow::Borrowed(text),
        false => Number::parse(text).map_or(Cow::Borrowed(text), |it| Cow::Owned(it.text())),
    }
}

/// Whether a text already has the form of DynamoDB's answers. Nearly all have it.
fn is_kept(text: &str) -> bool {
    let (whole, part) = text.split_once('.').unwrap_or((text, "1"));
    let is_digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    text.len() <= MOST_DIGITS
        && is_digits(digits)
        && is_digits(part)
        && (!digits.starts_with('0') || whole == "0")
        && !part.ends_with('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_38_digits() {
        fn check(number: &str, is_good: bool) {
            assert_eq!(Number::parse(number).is_some(), is_good, "{number}");
        }
        for good in ["0", "-0", "007.10", "29.99", "-1e-130", "9.9e125", "0.000", "1E+5"] {
            check(good, true);
        }
        for bad in ["", "-", ".", "x", "1e", "NaN", "1e126", "1e-131", "1,5", "0x1", "--1"] {
            check(bad, false);
        }
        check(&format!("1e{}", i64::MAX), false);
        check(&"1".repeat(38), true);
        check(&"1".repeat(39), false);
        check(&format!("{}000", "1".repeat(38)), true);
        check(&format!("0.{}{}", "0".repeat(20), "1".repeat(38)), true);
        check(&format!("1.{}", "1".repeat(38)), false);
    }

    #[test]
    fn leading_and_trailing_zeros_are_not_kept() {
        fn check(written: &str, expected: &str) {
            assert_eq!(kept(written), expected, "{written}");
            assert_eq!(kept(expected), expected);
        }
        for same in ["0", "7", "-7", "10", "29.99", "-0.5", "0.05", "x"] {
            check(same, same);
        }
        check("-0", "0");
        check("0.00", "0");
        check("007.10", "7.1");
        check("60.0", "60");
        check("+5", "5");
        check("1E+5", "100000");
        check("12e-3", "0.012");
        check("-1.50e1", "-15");
        check("1e125", &format!("1{}", "0".repeat(125)));
        check("1e-130", &format!("0.{}1", "0".repeat(129)));
    }

    #[test]
    fn bytes_are_counted_by_digits() {
        fn check(number: &str, expected: usize) {
            assert_eq!(Number::parse(number).unwrap().bytes(), expected, "{number}");
        }
        check("0", 1);
        check("-0", 1);
        check("7", 2);
        check("42", 2);
        check("-42", 3);
        check("123", 3);
        check("1e125", 2);
        check("-12.5", 4);
        check("0.0000001", 2);
    }

    #[test]
    fn numbers_compare_as_numbers() {
        fn check(left: &str, right: &str, expected: Ordering) {
            let number = |it: &str| Number::parse(it).unwrap();
            assert_eq!(number(left).cmp(&number(right)), expected, "{left} {right}");
            assert_eq!(number(right).cmp(&number(left)), expected.reverse(), "{left} {right}");
        }
        check("60", "60.0", Ordering::Equal);
        check("0", "-0", Ordering::Equal);
        check("9", "10", Ordering::Less);
        check("-9", "-10", Ordering::Greater);
        check("-1", "0", Ordering::Less);
        check("0", "1e-130", Ordering::Less);
        check("0.09", "0.1", Ordering::Less);
        check("1e2", "99.5", Ordering::Greater);
        // More digits than a double has.
        check(&"9".repeat(38), &format!("{}8", "9".repeat(37)), Ordering::Greater);
    }
}
