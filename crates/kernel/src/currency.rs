//! Currencies, by the codes of ISO 4217 and how many minor units each has.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The currencies of ISO 4217 by their digits after the point: those of list one that have minor units, and of list
/// three, the replaced ones, those that were in use in 2020 or later.
const LISTED: [(u8, &str); 4] = [
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (
        2,
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF \
         CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD \
         GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL \
         MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN \
         QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY \
         TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL",
    ),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
];

/// A currency of ISO 4217 that has minor units. Precious metals, units of account and codes for tests have none.
///
/// A currency that another has replaced stays one, because an invoice of that time stays readable. What may be sold
/// in is for the seller to say.
///
/// ```
/// use kernel::Currency;
/// let euro: Currency = "EUR".parse()?;
/// assert_eq!((euro.code(), euro.digits()), ("EUR", 2));
/// assert!("eur".parse::<Currency>().is_err() && "XAU".parse::<Currency>().is_err());
/// # Ok::<(), kernel::UnknownCurrency>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency {
    code: &'static str,
    digits: u8,
}

/// A text that names no currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a currency is a code of ISO 4217 in capitals, such as EUR")]
pub struct UnknownCurrency;

impl Currency {
    /// The three capitals that ISO 4217 names it by.
    pub const fn code(self) -> &'static str {
        self.code
    }

    /// How many digits after the point a minor unit takes: 0, 2, 3 or 4.
    pub const fn digits(self) -> u8 {
        self.digits
    }

    /// How many minor units make one of the whole: 1 to 10,000.
    pub(crate) const fn minor_units(self) -> u64 {
        10_u64.pow(self.digits as u32)
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(code: &str) -> Result<Self, UnknownCurrency> {
        let find = |(digits, codes): (u8, &'static str)| {
            let code = codes.split(' ').find(|listed| *listed == code)?;
            Some(Self { code, digits })
        };
        LISTED.into_iter().find_map(find).ok_or(UnknownCurrency)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}
impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_have_the_digits_of_iso_4217() {
        let digits = [("EUR", 2), ("HRK", 2), ("JPY", 0), ("ISK", 0), ("BHD", 3), ("TND", 3), ("CLF", 4)];
        for (code, digits) in digits {
            assert_eq!(code.parse::<Currency>().unwrap().digits(), digits, "{code}");
        }
        let codes: Vec<&str> = LISTED.iter().flat_map(|(_, codes)| codes.split(' ')).collect();
        assert!(
            codes.iter().all(|code| code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_uppercase()))
        );
        assert_eq!(codes.iter().collect::<std::collections::HashSet<_>>().len(), codes.len(), "each once");
        for code in ["", "eur", "EURO", "XAU", "XAD", "XXX", "XTS", "XDR", "ABC", "€"] {
            assert_eq!(code.parse::<Currency>(), Err(UnknownCurrency), "{code}");
        }
    }
}
