//! Parts of the description: operations, parameters, bodies, and what is done to their schemas.

use serde_json::{Value, json};

pub(super) fn operation(
    tag: &str,
    id: &str,
    summary: &str,
    parameters: Vec<Value>,
    status: &str,
    media_type: &str,
    answer: Value,
) -> Value {
    json!({
        "tags": [tag],
        "operationId": id,
        "summary": summary,
        "parameters": parameters,
        "responses": {
            status: {
                "description": summary,
                "headers": { "x-request-id": header("Names the request in the proxy's log.") },
                "content": { media_type: { "schema": answer } },
            },
            "default": { "$ref": "#/components/responses/Problem" },
        },
    })
}

pub(super) fn header(description: &str) -> Value {
    json!({ "description": description, "schema": { "type": "string" } })
}

pub(super) fn request_body(schema: Value) -> Value {
    let mut schema = schema;
    tidy(&mut schema);
    json!({ "required": true, "content": { "application/json": { "schema": schema } } })
}

/// A parameter. What its schema says about it is said of the parameter.
pub(super) fn parameter(place: &str, name: &str, is_required: bool, mut schema: Value) -> Value {
    let description = schema.as_object_mut().and_then(|members| members.remove("description"));
    let mut parameter = json!({ "name": name, "in": place, "required": is_required, "schema": schema });
    if let Some(description) = description {
        parameter["description"] = description;
    }
    parameter
}

/// Adds a member to the schema of an object.
pub(super) fn put(schema: &mut Value, name: &str, member: Value, is_required: bool) {
    schema["properties"][name] = member;
    if is_required {
        match schema["required"].as_array_mut() {
            Some(required) if required.iter().any(|each| each == name) => {}
            Some(required) => required.push(name.into()),
            None => schema["required"] = json!([name]),
        }
    }
}

/// The schema without the `null` that stands for an absent member.
pub(super) fn without_null(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(kinds) = schema["type"].as_array_mut() {
        kinds.retain(|kind| kind != "null");
        schema["type"] = kinds.first().cloned().unwrap_or_default();
    }
    let kind = schema["anyOf"].as_array().and_then(|kinds| kinds.iter().find(|kind| kind["type"] != "null").cloned());
    if let (Some(kind), Some(members)) = (kind, schema.as_object_mut()) {
        members.remove("anyOf");
        members.extend(kind.as_object().cloned().unwrap_or_default());
    }
    if let Some(members) = schema.as_object_mut() {
        members.retain(|name, value| !(value.is_null() && matches!(name.as_str(), "type" | "anyOf" | "default")));
    }
    schema
}

/// Takes out of a schema what is for readers of the code: links of its documentation, and who checks what.
pub(super) fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.remove("$schema");
            if let Some(Value::String(text)) = members.get_mut("description") {
                *text = text.replace("[`", "`").replace("`]", "`");
            }
            members.values_mut().for_each(tidy);
        }
        Value::Array(each) => each.iter_mut().for_each(tidy),
        _ => {}
    }
}
