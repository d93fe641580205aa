//! The price book: parses the operator's TOML file at the start. Reports all errors at once, each with its line.
//! [`shared::prices`] computes what a purchase costs.

#[cfg(test)]
mod tests;

use std::{borrow::Cow, collections::HashMap, fmt::Display, ops::Range};

use shared::{
    ids::{RegionId, TypeItemId},
    prices::{Amount, Currency, Discount, Percent, Price, PriceBook},
    values::{ChargeType, Period},
};
use toml::de::{DeTable, DeValue};

use crate::operator_file::{FileError, FileErrors, Value, parse};

/// The example price book that comes with Deskbuy, for the demo.
#[cfg(feature = "demo")]
#[must_use]
pub(crate) fn example() -> PriceBook {
    // A test checks that the file is valid.
    read(include_str!("../../deploy/prices.example.toml"), None).unwrap_or_default()
}

/// Parses a price book. `served` are the regions of this proxy, if they are known. A price for another region is an
/// error, since the page would never show it.
pub fn read(text: &str, served: Option<&[RegionId]>) -> Result<PriceBook, Vec<FileError>> {
    parse(text, |document, errors| {
        let (default_currency, first_uses) = (None, HashMap::new());
        Reader { served, default_currency, has_default_currency: false, first_uses, errors }.book(document)
    })
}

const PER_HOUR: &str = "per_hour";
const PER_MONTH: &str = "per_month";

struct Reader<'a, 'e> {
    served: Option<&'a [RegionId]>,
    /// The default currency, of entries without one.
    default_currency: Option<Currency>,
    /// Whether the file has a default currency, valid or not.
    has_default_currency: bool,
    /// Where the prices so far begin, to report duplicates.
    first_uses: HashMap<(RegionId, TypeItemId, ChargeType), usize>,
    errors: &'a mut FileErrors<'e>,
}

/// One `[[price]]` table, and its position in the file.
struct PriceTable<'a> {
    table: &'a DeTable<'a>,
    at: Range<usize>,
}

impl Reader<'_, '_> {
    fn book(&mut self, document: &DeTable<'_>) -> PriceBook {
        self.errors.check_names(document, &["example", "currency", "price"]);
        let example = document.get("example").and_then(|value| match value.get_ref() {
            DeValue::Boolean(example) => Some(*example),
            _ => self.errors.wrong(value.span(), "`example` is neither true nor false"),
        });
        self.has_default_currency = document.contains_key("currency");
        self.default_currency = document.get("currency").and_then(|value| self.parse("currency", value, str::parse));
        let mut prices = Vec::new();
        for (entry, at) in self.entries(document) {
            prices.extend(self.entry(&PriceTable { table: entry, at }));
        }
        PriceBook { example: example.unwrap_or_default(), prices }
    }

    fn entries<'d>(&mut self, document: &'d DeTable<'d>) -> Vec<(&'d DeTable<'d>, Range<usize>)> {
        const FORM: &str = "a price begins with [[price]], in two brackets";
        let Some(value) = document.get("price") else { return Vec::new() };
        let DeValue::Array(values) = value.get_ref() else {
            return self.errors.wrong(value.span(), FORM).unwrap_or_default();
        };
        let mut entries = Vec::new();
        for value in values {
            match value.get_ref() {
                DeValue::Table(table) => entries.push((table, value.span())),
                _ => self.errors.add(value.span(), FORM),
            }
        }
        entries
    }

    /// The prices of one table, one for each of its regions. Reports all of its errors.
    fn entry(&mut self, entry: &PriceTable<'_>) -> Vec<Price> {
        self.errors
            .check_names(entry.table, &["region", "type", "billing", "currency", PER_HOUR, PER_MONTH, "percent_off"]);
        let regions = self.regions(entry);
        let type_item_id = self.required(entry, "type").and_then(|value| {
            self.parse("type", value, |text| {
                text.parse::<TypeItemId>().map_err(|_| "is not a type such as desktop.n1.small")
            })
        });
        let charge_type = self.required(entry, "billing").and_then(|value| {
            self.parse("billing", value, |text| text.parse().map_err(|_| "is neither POSTPAY nor PREPAY"))
        });
        let currency = self.currency(entry);
        let amount = self.amount(entry, charge_type, currency);
        let discounts = self.discounts(entry, charge_type);
        let (Some(type_item_id), Some(charge_type), Some(currency), Some(amount)) =
            (type_item_id, charge_type, currency, amount)
        else {
            return Vec::new();
        };
        for (region, at) in &regions {
            let price = (region.clone(), type_item_id.clone(), charge_type);
            if let Some(first) = self.first_uses.insert(price, at.start) {
                let (first, same) =
                    (self.errors.line(first), format!("{type_item_id} in {region}, {}", charge_type.as_str()));
                self.errors.add(at.clone(), format_args!("{same} has a price already, in line {first}"));
            }
        }
        let price = |(region, _)| {
            let (type_item_id, discounts) = (type_item_id.clone(), discounts.clone());
            Price { region, type_item_id, charge_type, currency, amount, discounts }
        };
        regions.into_iter().map(price).collect()
    }

    /// One region, or an array of regions.
    fn regions(&mut self, entry: &PriceTable<'_>) -> Vec<(RegionId, Range<usize>)> {
        let Some(value) = self.required(entry, "region") else { return Vec::new() };
        let values = match value.get_ref() {
            DeValue::Array(values) => values.iter().collect(),
            _ => vec![value],
        };
        if values.is_empty() {
            self.errors.add(value.span(), "`region` names none");
        }
        let served = self.served;
        let mut regions = Vec::new();
        for value in values {
            let region = self.parse("region", value, |text| {
                let region = text.parse().map_err(|_| "is not a region such as cn-hangzhou")?;
                let known = served.is_none_or(|served| served.contains(&region));
                if known { Ok(region) } else { Err("is none of the regions that are served (--regions)") }
            });
            regions.extend(region.map(|region| (region, value.span())));
        }
        regions
    }

    fn currency(&mut self, entry: &PriceTable<'_>) -> Option<Currency> {
        match entry.table.get("currency") {
            Some(value) => self.parse("currency", value, str::parse),
            None if self.has_default_currency => self.default_currency,
            None => {
                self.errors.wrong(entry.at.clone(), "there is no `currency`, neither here nor at the top of the file")
            }
        }
    }

    /// The price, under the name that belongs to the billing kind, so that an hourly price cannot be taken for a
    /// monthly one.
    fn amount(
        &mut self,
        entry: &PriceTable<'_>,
        charge_type: Option<ChargeType>,
        currency: Option<Currency>,
    ) -> Option<Amount> {
        let [hour, month] = [PER_HOUR, PER_MONTH].map(|name| {
            let value = entry.table.get(name)?;
            Some((value, self.parse(name, value, Amount::of_price)))
        });
        let charge_type = charge_type?;
        let ((fit, name), (unfit, other)) = match charge_type {
            ChargeType::PostPay => ((hour, PER_HOUR), (month, PER_MONTH)),
            ChargeType::PrePay => ((month, PER_MONTH), (hour, PER_HOUR)),
        };
        if let Some((value, _)) = unfit {
            let billing = charge_type.as_str();
            let what = format_args!("{billing} has its price under `{name}`, not under `{other}`");
            return self.errors.wrong(value.span(), what);
        }
        let Some((value, amount)) = fit else { return self.missing(entry, name) };
        let (amount, currency) = (amount?, currency?);
        // Hourly prices may be finer than the smallest coin, since a bill is the sum of many hours.
        if charge_type == ChargeType::PrePay && amount.decimals() > currency.decimals() {
            return self.errors.wrong(value.span(), format_args!("`{name}` is finer than the coins of {currency}"));
        }
        Some(amount)
    }

    /// The discounts in percent, by period in months.
    fn discounts(&mut self, entry: &PriceTable<'_>, charge_type: Option<ChargeType>) -> Vec<Discount> {
        let Some(value) = entry.table.get("percent_off") else { return Vec::new() };
        if charge_type == Some(ChargeType::PostPay) {
            return self.errors.wrong(value.span(), "`percent_off` is for PREPAY only").unwrap_or_default();
        }
        let DeValue::Table(table) = value.get_ref() else {
            return self.errors.wrong(value.span(), "`percent_off` is not of the form { 12 = 15 }").unwrap_or_default();
        };
        let mut discounts = Vec::new();
        for (months, percent) in table {
            let period = months.get_ref().parse::<Period>();
            let period = period.ok().or_else(|| {
                self.errors.wrong(months.span(), format_args!("{:?} months are not on sale", months.get_ref()))
            });
            let percent_off = self.parse("percent_off", percent, str::parse::<Percent>);
            if period.is_some_and(|period| discounts.iter().any(|there: &Discount| there.period == period)) {
                self.errors.add(months.span(), format_args!("{:?} months stand here twice", months.get_ref()));
            }
            discounts.extend(period.zip(percent_off).map(|(period, percent_off)| Discount { period, percent_off }));
        }
        discounts.sort_by_key(|discount| discount.period);
        discounts
    }

    /// Parses the text of a value. Numbers are parsed as they are written, and so exactly.
    fn parse<T, E: Display>(
        &mut self,
        name: &str,
        value: &Value<'_>,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let text = match value.get_ref() {
            DeValue::String(text) => Cow::Borrowed(text.as_ref()),
            DeValue::Integer(number) => Cow::Owned(number.to_string()),
            DeValue::Float(number) => Cow::Borrowed(number.as_str()),
            _ => return self.errors.wrong(value.span(), format_args!("`{name}` is neither a text nor a number")),
        };
        match parse(&text) {
            Ok(value) => Some(value),
            Err(error) => self.errors.wrong(value.span(), format_args!("`{name}` has {text:?}, which {error}")),
        }
    }

    fn required<'e>(&mut self, entry: &PriceTable<'e>, name: &str) -> Option<&'e Value<'e>> {
        entry.table.get(name).or_else(|| self.missing(entry, name))
    }

    fn missing<T>(&mut self, entry: &PriceTable<'_>, name: &str) -> Option<T> {
        self.errors.wrong(entry.at.clone(), format_args!("there is no `{name}`"))
    }
}
