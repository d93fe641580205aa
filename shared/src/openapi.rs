//! The description of the proxy's interface (OpenAPI 3.1), made of the types that the interface itself is made of: parameters
//! and bodies are their schemas, and the addresses of the actions are the actions' names.

mod orders;
mod parts;

use std::collections::BTreeSet;

use schemars::{
    JsonSchema, SchemaGenerator,
    generate::{Contract, SchemaSettings},
};
use serde_json::{Map, Value, json};

use crate::{
    Action, Class,
    actions::{DeleteDesktop, NAMES},
    ids::RegionId,
    limits::Limits,
    parameters::REGION_ID,
    prices::PriceBook,
    problem::{MEDIA_TYPE, Problem},
    session::Session,
    stock::{StockRequest, StockTable},
    with_action,
};
use parts::{header, operation, parameter, put, request_body, tidy, without_null};

/// The document, for this version of the proxy, served below a path that ends with a slash.
#[must_use]
pub fn document(version: &str, base: &str) -> Value {
    let mut description = Description::new();
    for name in NAMES {
        with_action!(*name, A => description.action::<A>(), _ => ());
    }
    description.orders();
    description.own();
    let paths = description.paths;
    let mut schemas = description.schemas;
    for schema in schemas.values_mut() {
        tidy(schema);
    }
    json!({
        "openapi": "3.1.1",
        "info": {
            "title": "Deskbuy",
            "version": version,
            "description": "The interface of Deskbuy's signing proxy. Names of actions and parameters are the vendor's. Where people sign \
                in, a program sends an API token; a browser has a cookie.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": base }],
        "security": [{}, { "token": [] }],
        "tags": [
            { "name": "reads", "description": "What there is to buy, by the vendor's names." },
            { "name": "users", "description": "Users of the directory." },
            { "name": "orders", "description": "Orders and the desktops that were bought by them." },
            { "name": "proxy", "description": "The proxy itself, and what it knows of its own." },
        ],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "responses": { "Problem": {
                "description": "It could not be done. `code` says why, `outcome` what is known of the effect.",
                "headers": { "x-request-id": header("Names the request in the proxy's log.") },
                "content": { MEDIA_TYPE: { "schema": { "$ref": "#/components/schemas/Problem" } } },
            } },
        },
    })
}

/// What has been described so far.
struct Description {
    paths: Map<String, Value>,
    schemas: Map<String, Value>,
}

impl Description {
    fn new() -> Self {
        Self { paths: Map::new(), schemas: Map::new() }
    }

    /// The schema of a type, and in `schemas` those that it refers to.
    fn schema<T: JsonSchema>(&mut self, contract: Contract) -> Value {
        self.generated(contract, |generator| generator.subschema_for::<T>().to_value())
    }

    fn generated(&mut self, contract: Contract, make: impl FnOnce(&mut SchemaGenerator) -> Value) -> Value {
        let mut settings = SchemaSettings::draft2020_12();
        settings.definitions_path = "/components/schemas".into();
        settings.contract = contract;
        let mut generator = settings.into_generator();
        let schema = make(&mut generator);
        self.schemas.extend(generator.take_definitions(true));
        schema
    }

    /// The members of a request: its schema in place, not referred to.
    fn members<T: JsonSchema>(&mut self) -> Value {
        self.generated(Contract::Deserialize, |generator| T::json_schema(generator).to_value())
    }

    /// A type as the parameters of a query.
    fn query<T: JsonSchema>(&mut self) -> Vec<Value> {
        let mut schema = self.members::<T>();
        tidy(&mut schema);
        let required: BTreeSet<_> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let members = schema["properties"].as_object().into_iter().flatten();
        let parameter = |(name, schema): (&String, &Value)| {
            parameter("query", name, required.contains(name.as_str()), without_null(schema))
        };
        members.map(parameter).collect()
    }

    fn region(&mut self, is_required: bool) -> Value {
        let schema = self.schema::<RegionId>(Contract::Deserialize);
        parameter("query", REGION_ID, is_required, schema)
    }

    fn answer<T: JsonSchema>(&mut self) -> Value {
        self.schema::<T>(Contract::Serialize)
    }

    fn add(&mut self, method: &str, path: &str, operation: Value) {
        let at = self.paths.entry(path.to_owned()).or_insert_with(|| json!({}));
        at[method] = operation;
    }

    /// An action of the vendor's that has an address of its own. The others are ordered.
    fn action<A: Action + JsonSchema>(&mut self)
    where
        A::Response: JsonSchema,
    {
        let (path, answer) = (format!("/api/{}", A::NAME), self.answer::<A::Response>());
        let summary = format!("The vendor's `{}`", A::NAME);
        match A::CLASS {
            Class::Read => {
                let mut parameters = vec![self.region(A::REGIONAL)];
                parameters.extend(self.query::<A>());
                let operation = operation("reads", A::NAME, &summary, parameters, "200", "application/json", answer);
                self.add("get", &path, operation);
            }
            Class::WriteOnce if A::NAME != DeleteDesktop::NAME => {
                let mut body = self.members::<A>();
                let region = self.schema::<RegionId>(Contract::Deserialize);
                put(&mut body, REGION_ID, region, A::REGIONAL);
                let mut operation =
                    operation("users", A::NAME, &summary, Vec::new(), "200", "application/json", answer);
                operation["requestBody"] = request_body(body);
                self.add("post", &path, operation);
            }
            Class::WriteOnce | Class::WriteWithToken => {}
        }
    }

    /// What is neither an action of the vendor's nor an order.
    fn own(&mut self) {
        let problem = self.answer::<Problem>();
        debug_assert_eq!(problem["$ref"], "#/components/schemas/Problem");
        let json = "application/json";
        let mut parameters = vec![self.region(true)];
        parameters.extend(self.query::<StockRequest>());
        let table = self.answer::<StockTable>();
        self.add(
            "get",
            "/api/stock",
            operation("proxy", "getStock", "Every type in every zone", parameters, "200", json, table),
        );
        let (parameters, prices) = (vec![self.region(true)], self.answer::<PriceBook>());
        self.add(
            "get",
            "/api/prices",
            operation("proxy", "getPrices", "The operator's prices", parameters, "200", json, prices),
        );
        let limits = self.answer::<Limits>();
        let summary = "What the caller may buy and change, and what is left of it";
        self.add("get", "/api/limits", operation("proxy", "getLimits", summary, Vec::new(), "200", json, limits));
        let session = self.answer::<Session>();
        let summary = "The proxy and the person, open to all";
        self.add("get", "/api/session", operation("proxy", "getSession", summary, Vec::new(), "200", json, session));
        let itself = json!({ "type": "object" });
        self.add(
            "get",
            "/api/openapi.json",
            operation("proxy", "getDescription", "This document", Vec::new(), "200", json, itself),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|each| references(each, found));
            }
            Value::Array(each) => each.iter().for_each(|each| references(each, found)),
            _ => {}
        }
    }

    #[test]
    fn every_action_is_described_and_every_reference_leads_somewhere() {
        let document = document("1.2.3", "/desk/");
        let text = document.to_string();
        for name in NAMES {
            assert!(text.contains(&format!("\"{name}\"")), "{name}");
        }
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        assert!(found.len() > 20, "{found:?}");
        for reference in found {
            assert!(document.pointer(&reference[1..]).is_some(), "{reference}");
        }
        assert!(!text.contains("OwnerId\":"), "the operator says for whom");
    }

    #[test]
    fn parameters_are_those_of_the_requests() {
        let document = document("1.2.3", "/desk/");
        let of = |path: &str| document["paths"][path]["get"]["parameters"].as_array().unwrap().clone();
        let names =
            |path: &str| of(path).iter().map(|each| each["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(names("/api/DescribeZones"), ["RegionId", "AcceptLanguage"]);
        assert_eq!(names("/api/stock"), ["RegionId", "ChargeType"]);
        assert!(of("/api/DescribeImages").iter().all(|each| !each["schema"].to_string().contains("null")));
    }
}
