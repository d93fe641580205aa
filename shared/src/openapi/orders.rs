//! The part of the description that is about orders: placing them, and the lists of orders and desktops.

use schemars::{JsonSchema, generate::Contract};
use serde_json::{Value, json};

use super::{
    Description,
    parts::{operation, parameter, put, request_body, tidy},
};
use crate::{
    Action,
    actions::{CreateDesktop, DeleteDesktop, RenewDesktop},
    ids::{ClientToken, RegionId, TypeItemId},
    language::Language,
    order::{
        DesktopChoices, DesktopTotals, Desktops, LARGEST_BATCH, Order, OrderState, Orders, Sort, SortKey, Summary,
        SummaryBy,
        approval::{Approval, LONGEST_NOTE, Waiting},
        fields::{FieldsChange, LONGEST_KEY, LONGEST_VALUE, MOST_FIELDS, ORDER_FIELDS, OrderFieldList},
    },
    parameters::REGION_ID,
};

impl Description {
    /// The addresses of orders and of the desktops that they bought.
    pub(super) fn orders(&mut self) {
        let kinds = [self.order::<CreateDesktop>(), self.order::<RenewDesktop>(), self.order::<DeleteDesktop>()];
        let json = "application/json";

        let orders = self.answer::<Orders>();
        let mut post = operation(
            "orders",
            "createOrders",
            "Order: all operations or none",
            Vec::new(),
            "202",
            json,
            orders.clone(),
        );
        post["description"] =
            "When this answers, the orders are on disk and being carried out, or await approval. The same token with the same content is \
            the same order; with other content it is refused."
                .into();
        post["requestBody"] = request_body(json!({
            "type": "object",
            "required": ["operations"],
            "additionalProperties": false,
            "properties": { "operations": { "type": "array", "minItems": 1, "maxItems": LARGEST_BATCH, "items": { "oneOf": kinds } } },
        }));
        self.add("post", "/api/orders", post);
        let states: Vec<_> = OrderState::ALL.iter().filter_map(|state| serde_json::to_value(state).ok()).collect();
        let state = json!({ "type": "array", "items": { "enum": states }, "minItems": 1 });
        let mut parameters = self.list();
        parameters.extend([
            json!({ "name": "state", "in": "query", "description": "Only orders in these states.", "schema": state, "style": "form", "explode": false }),
            parameter("query", "action", false, json!({ "enum": [CreateDesktop::NAME, RenewDesktop::NAME, DeleteDesktop::NAME] })),
        ]);
        self.add(
            "get",
            "/api/orders",
            operation("orders", "listOrders", "Orders, newest first", parameters.clone(), "200", json, orders),
        );
        self.export("exportOrders", "/api/orders.csv", "Orders, all rows of the list as a file", parameters);

        let token = self.schema::<ClientToken>(Contract::Deserialize);
        let wait = json!({ "type": "integer", "minimum": 0, "maximum": 25, "description": "Seconds to wait for a change of the order." });
        let parameters = vec![parameter("path", "token", true, token), parameter("query", "wait", false, wait)];
        let order = self.answer::<Order>();
        self.add(
            "get",
            "/api/orders/{token}",
            operation("orders", "getOrder", "One order with its history", parameters, "200", json, order),
        );
        self.approvals();
        self.order_fields();
        let stream = json!({ "type": "string" });
        let position =
            parameter("header", "last-event-id", false, json!({ "type": "string", "pattern": "^[0-9]{1,18}$" }));
        let mut events = operation(
            "orders",
            "watchOrders",
            "Changes of orders, as they happen",
            vec![position],
            "200",
            "text/event-stream",
            stream,
        );
        events["description"] =
            "Server-sent events: `start`, `order` with the order as JSON, and `reset` where what was missed is not \
            known any more. The stream does not end by itself."
                .into();
        self.add("get", "/api/orders/events", events);
        let mut parameters = self.list();
        let type_item = self.schema::<TypeItemId>(Contract::Deserialize);
        let time = |what: &str| json!({ "type": "integer", "minimum": 0, "maximum": i64::MAX, "description": what });
        parameters.extend([
            parameter("query", "released", false, json!({ "type": "boolean" })),
            parameter("query", "type", false, type_item),
            parameter("query", "valid_since", false, time("Months last until this time or later, in milliseconds since 1970 UTC.")),
            parameter("query", "valid_before", false, time("Months last until before this time, in milliseconds since 1970 UTC.")),
            parameter(
                "query",
                "valid_within",
                false,
                json!({ "type": "integer", "minimum": 0, "maximum": u16::MAX, "description": "Months end within so many days." }),
            ),
        ]);
        let desktops = self.answer::<Desktops>();
        let summary = "Desktops that were bought here, newest first or sorted";
        let of = |key| [false, true].map(|descending| Sort { key, descending }.to_string());
        let sorts: Vec<_> = SortKey::ALL.into_iter().flat_map(of).collect();
        let sort = json!({ "enum": sorts, "description": "By this, the smallest first, or with `-` the largest. What has no end comes last." });
        let cursor = json!({ "type": "string", "pattern": "^[0-9]{1,18}(\\.[0-9]{1,18})?$", "description": "`next` of the page before." });
        let others = parameters.iter().filter(|parameter| parameter["name"] != "cursor").cloned();
        let sorted =
            others.chain([parameter("query", "cursor", false, cursor), parameter("query", "sort", false, sort)]);
        let sorted = sorted.collect();
        self.add("get", "/api/desktops", operation("orders", "listDesktops", summary, sorted, "200", json, desktops));
        let totals = self.answer::<DesktopTotals>();
        let summary = "How many desktops there are by a filter";
        self.add(
            "get",
            "/api/desktops/totals",
            operation("orders", "countDesktops", summary, parameters.clone(), "200", json, totals),
        );
        self.desktop_choices();
        self.export("exportDesktops", "/api/desktops.csv", "Desktops, all rows of the list as a file", parameters);
        self.summary();
    }

    /// What desktops can be filtered by.
    fn desktop_choices(&mut self) {
        let choices = self.answer::<DesktopChoices>();
        let summary = "The types and accounts that there are desktops of";
        self.add(
            "get",
            "/api/desktops/choices",
            operation("orders", "listDesktopChoices", summary, Vec::new(), "200", "application/json", choices),
        );
    }

    /// What was ordered by month.
    fn summary(&mut self) {
        let groups: Vec<_> = SummaryBy::ALWAYS.iter().map(ToString::to_string).collect();
        let field = json!({ "type": "string", "pattern": "^field\\.[a-z][a-z0-9_]{0,31}$", "description": "The value of an order field, by its key." });
        let by = json!({ "oneOf": [{ "enum": groups }, field], "default": SummaryBy::default().to_string() });
        let parameters = vec![
            parameter("query", "by", false, by),
            parameter(
                "query",
                "months",
                false,
                json!({ "type": "integer", "minimum": 1, "maximum": 60, "default": 12, "description": "So many months, this one included." }),
            ),
        ];
        let summary = self.answer::<Summary>();
        let what = "What was ordered, by month";
        self.add(
            "get",
            "/api/summary",
            operation("orders", "summarize", what, parameters.clone(), "200", "application/json", summary),
        );
        self.export("exportSummary", "/api/summary.csv", "What was ordered, by month, as a file", parameters);
    }

    /// What approvers ask and decide.
    fn approvals(&mut self) {
        let json = "application/json";
        let waiting = self.answer::<Waiting>();
        let summary = "How many orders wait for this approver";
        self.add(
            "get",
            "/api/approvals",
            operation("orders", "countApprovals", summary, Vec::new(), "200", json, waiting),
        );
        let orders = self.answer::<Orders>();
        let summary = "Approve or decline orders: all of them or none";
        let mut post = operation("orders", "decideOrders", summary, Vec::new(), "200", json, orders);
        post["description"] =
            "Nobody decides about an order of their own. Those that were decided in the same way before are \
            answered as they stand; one that was decided otherwise is an error."
                .into();
        let mut body = self.members::<Approval>();
        for (name, limit) in [("minItems", 1), ("maxItems", LARGEST_BATCH)] {
            body["properties"]["tokens"][name] = limit.into();
        }
        body["properties"]["note"] = json!({ "type": "string", "maxLength": LONGEST_NOTE, "pattern": "^[^\\u0000]*$" });
        post["requestBody"] = request_body(body);
        self.add("post", "/api/approvals", post);
    }

    /// The operator's order fields, and changes of their values.
    fn order_fields(&mut self) {
        let json = "application/json";
        let list = self.answer::<OrderFieldList>();
        let summary = "The operator's order fields, with what the caller's begin with";
        self.add(
            "get",
            "/api/order-fields",
            operation("orders", "listOrderFields", summary, Vec::new(), "200", json, list),
        );
        let token = self.schema::<ClientToken>(Contract::Deserialize);
        let token = parameter("path", "token", true, token);
        let order = self.answer::<Order>();
        let summary = "Change values of an order's fields";
        let mut post = operation("orders", "changeOrderFields", summary, vec![token], "200", json, order);
        post["description"] =
            "For who placed the order, and for approvers. An empty value takes one away; fields that are not named stay as they \
             are. The history has who changed which."
                .into();
        let mut body = self.members::<FieldsChange>();
        body["properties"]["fields"] = field_values("New values by the keys of their fields.");
        post["requestBody"] = request_body(body);
        self.add("post", "/api/orders/{token}/fields", post);
    }

    /// A list as a file: without pages, and with the language of its header.
    fn export(&mut self, id: &str, path: &str, summary: &str, mut parameters: Vec<Value>) {
        parameters.retain(|each| !matches!(each["name"].as_str(), Some("limit" | "cursor")));
        let tags = Language::ALL.map(|language| &language.tag()[..2]);
        parameters.push(parameter(
            "query",
            "lang",
            false,
            json!({ "enum": tags, "description": "Of the names of the columns." }),
        ));
        let text = json!({ "type": "string" });
        self.add("get", path, operation("orders", id, summary, parameters, "200", "text/csv", text));
    }

    /// An order in the body of a POST: the action's parameters, and beside them which action it is, where, and the token.
    fn order<A: Action + JsonSchema>(&mut self) -> Value {
        let mut schema = self.members::<A>();
        // The operator's to say.
        if let Some(members) = schema["properties"].as_object_mut() {
            members.remove("OwnerId");
            self.schemas.remove("OwnerId");
        }
        put(&mut schema, "Action", json!({ "const": A::NAME }), true);
        let region = self.schema::<RegionId>(Contract::Deserialize);
        put(&mut schema, REGION_ID, region, true);
        let token = self.schema::<ClientToken>(Contract::Deserialize);
        put(&mut schema, "ClientToken", token, true);
        put(
            &mut schema,
            ORDER_FIELDS,
            field_values("Values of the operator's order fields. They are not sent to the cloud."),
            false,
        );
        tidy(&mut schema);
        schema
    }

    /// The parameters of both lists.
    fn list(&mut self) -> Vec<Value> {
        let region = self.schema::<RegionId>(Contract::Deserialize);
        let account = json!({ "type": "string" });
        let time = json!({ "type": "integer", "minimum": 0, "maximum": i64::MAX });
        let named = |name: &str, what: &str, mut schema: Value| {
            schema["description"] = what.into();
            parameter("query", name, false, schema)
        };
        vec![
            named(
                "limit",
                "The most rows of a page. Where those that fit are far apart it has fewer, or none, and still a `next`.",
                json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 }),
            ),
            named(
                "cursor",
                "`next` of the page before.",
                json!({ "type": "integer", "minimum": 0, "maximum": i64::MAX }),
            ),
            parameter("query", "region", false, region),
            parameter("query", "account", false, account),
            named(
                "user",
                "Who gets the desktop.",
                json!({ "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[^\\u0000]+$" }),
            ),
            named(
                "q",
                "A part of user, desktop, order, token, type or a value of an order field.",
                json!({ "type": "string", "maxLength": 64, "pattern": "^[^\\u0000]*$" }),
            ),
            // Any names of this form: as an exploded object.
            json!({ "name": "field", "in": "query", "required": false, "style": "form", "explode": true,
                "description": "`field.KEY=VALUE`: only those with exactly this value of an order field, whose keys are in `GET /api/order-fields`.",
                "schema": { "type": "object", "propertyNames": { "pattern": "^field\\.[a-z][a-z0-9_]{0,31}$" },
                    "additionalProperties": { "type": "string", "minLength": 1, "maxLength": 200 } } }),
            named("since", "From this time on, in milliseconds since 1970 UTC.", time.clone()),
            named("until", "Before this time, in milliseconds since 1970 UTC.", time),
            named(
                "within",
                "Of the last so many seconds.",
                json!({ "type": "integer", "minimum": 0, "maximum": u32::MAX }),
            ),
        ]
    }
}

/// The schema of values by keys.
fn field_values(description: &str) -> Value {
    json!({
        "type": "object",
        "description": description,
        "maxProperties": MOST_FIELDS,
        "propertyNames": { "pattern": format!("^[a-z][a-z0-9_]{{0,{}}}$", LONGEST_KEY - 1) },
        "additionalProperties": { "type": "string", "maxLength": LONGEST_VALUE, "pattern": "^[^\\u0000-\\u001f\\u007f]*$" },
    })
}
