//! The shape `mixed`: varies an answer at each point where real answers are known or suspected to be irregular. The
//! variation is drawn once for each answer.

use fastrand::Rng;
use serde_json::{Map, Value, json};

use super::LISTS;

/// Members with another spelling in the document or in another version of the product.
const ALIASES: &[(&str, &[&str])] = &[
    ("ImageDescription", &["ImageDesciption"]),
    ("Progress", &["Process"]),
    ("EndPoint", &["Endpoint", "RegionEndpoint"]),
    ("Name", &["UserName"]),
];

/// The list without a name in the document, which clients have to find by its rows.
const NAMELESS: &str = "DesktopTypeItems";

/// The variation of one answer.
struct Manner {
    letters: Letters,
    misspelt: bool,
    numbers_as_texts: bool,
    booleans: Booleans,
}

enum Letters {
    Pascal,
    Camel,
    Lower,
}

enum Booleans {
    Plain,
    Text,
    Number,
}

pub(super) fn shape(answer: Map<String, Value>, rng: &mut Rng) -> Map<String, Value> {
    let manner = Manner::draw(rng);
    let mut shaped = Map::new();
    for (name, value) in answer {
        match value {
            Value::Array(rows) => list(&mut shaped, &name, rows, &manner, rng),
            value => {
                shaped.insert(manner.name(&name, rng), manner.value(&name, value, rng));
            }
        }
    }
    nest_owner(&mut shaped, rng);
    if rng.bool() {
        let good = [json!(200), json!("200"), json!("OK"), json!("Success")];
        shaped.insert("Code".to_owned(), good[rng.usize(..good.len())].clone());
    }
    shaped
}

/// Adds a list in one of the known forms.
fn list(answer: &mut Map<String, Value>, name: &str, rows: Vec<Value>, manner: &Manner, rng: &mut Rng) {
    let row_name = LISTS.iter().find(|(list, _)| *list == name).map_or("Item", |(_, row)| row);
    let mut rows: Vec<Value> = rows.into_iter().map(|row| manner.row(row, rng)).collect();
    let name_here = manner.name(name, rng);
    let nameless = name == NAMELESS;
    if rows.is_empty() {
        let ways = [Value::Null, json!(""), json!([]), json!({ row_name: [] })];
        answer.insert(name_here, ways[rng.usize(..ways.len())].clone());
        return;
    }
    if rows.len() == 1 && rng.bool() {
        match rows.remove(0) {
            // The answer itself is the row.
            Value::Object(row) if nameless && rng.bool() => answer.extend(row),
            row => {
                answer.insert(name_here, row);
            }
        }
        return;
    }
    let value = match rng.u8(..4) {
        0 => json!(rows),
        1 => json!({ manner.name(row_name, rng): rows }),
        // A row's name that a client cannot know.
        2 => json!({ "Entries": rows }),
        // Clients do not look for unnamed lists inside strings.
        _ if nameless => json!(rows),
        _ if rng.bool() => json!(json!(rows).to_string()),
        _ => json!(json!({ row_name: rows }).to_string()),
    };
    let name_here = if nameless && rng.bool() { "Items".to_owned() } else { name_here };
    answer.insert(name_here, value);
}

/// Nests the account's set-up in a member, as some answers of the product do.
fn nest_owner(answer: &mut Map<String, Value>, rng: &mut Rng) {
    if answer.keys().any(|name| name.eq_ignore_ascii_case("OwnerVpcId")) && rng.bool() {
        let owner = std::mem::take(answer);
        answer.insert("DesktopOwner".to_owned(), Value::Object(owner));
    }
}

impl Manner {
    fn draw(rng: &mut Rng) -> Self {
        Self {
            letters: match rng.u8(..4) {
                0 => Letters::Camel,
                1 => Letters::Lower,
                _ => Letters::Pascal,
            },
            misspelt: rng.bool(),
            numbers_as_texts: rng.bool(),
            booleans: match rng.u8(..3) {
                0 => Booleans::Plain,
                1 => Booleans::Text,
                _ => Booleans::Number,
            },
        }
    }

    fn name(&self, name: &str, rng: &mut Rng) -> String {
        let aliases = ALIASES.iter().find(|(known, _)| *known == name).filter(|_| self.misspelt);
        let name = aliases.map_or(name, |(_, aliases)| aliases[rng.usize(..aliases.len())]);
        match self.letters {
            Letters::Pascal => name.to_owned(),
            Letters::Lower => name.to_lowercase(),
            Letters::Camel => name.chars().take(1).flat_map(char::to_lowercase).chain(name.chars().skip(1)).collect(),
        }
    }

    fn value(&self, name: &str, value: Value, rng: &mut Rng) -> Value {
        match value {
            Value::Number(number) if self.numbers_as_texts => json!(number.to_string()),
            // Order numbers consist of digits, so they may be sent as numbers.
            Value::String(text) if name == "OrderId" && rng.bool() => {
                text.parse::<u64>().map_or(Value::String(text), Value::from)
            }
            Value::Bool(flag) => match self.booleans {
                Booleans::Plain => json!(flag),
                Booleans::Text => json!(flag.to_string()),
                Booleans::Number => json!(u8::from(flag)),
            },
            Value::Object(_) => self.row(value, rng),
            value => value,
        }
    }

    fn row(&self, row: Value, rng: &mut Rng) -> Value {
        let Value::Object(members) = row else { return row };
        let member = |(name, value): (String, Value)| (self.name(&name, rng), self.value(&name, value, rng));
        Value::Object(members.into_iter().map(member).collect())
    }
}
