//! Whether an answer has the shape that is shown.

use serde_json::{Map, Value};

/// Stands for any value; as a key, or as an array's last element, for any further ones.
const ANY: &str = "…";

/// Values that are part of the contract, not examples.
const EXACT: [&str; 6] = ["success", "code", "error", "field", "message", "status"];

/// Where `shown` and `answered` differ: in keys, in types, in what is exact.
pub(crate) fn difference(shown: &Value, answered: &Value) -> Option<String> {
    compare("", shown, answered)
}

fn compare(path: &str, shown: &Value, answered: &Value) -> Option<String> {
    match (shown, answered) {
        (Value::String(any), _) if any == ANY => None,
        (Value::Object(shown), Value::Object(answered)) => compare_objects(path, shown, answered),
        (Value::Array(shown), Value::Array(answered)) => compare_arrays(path, shown, answered),
        (Value::Null, Value::Null)
        | (Value::Bool(_), Value::Bool(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::String(_), Value::String(_)) => {
            let name = path.rsplit('.').next().unwrap_or_default();
            (EXACT.contains(&name) && shown != answered)
                .then(|| format!("{path}: shown {shown}, answered {answered}"))
        }
        _ => Some(format!("{path}: shown {shown}, answered {answered}")),
    }
}

fn compare_objects(path: &str, shown: &Map<String, Value>, answered: &Map<String, Value>) -> Option<String> {
    let missing = shown.keys().find(|key| *key != ANY && !answered.contains_key(*key));
    if let Some(key) = missing {
        return Some(format!("{path}.{key}: shown, but not answered"));
    }
    let undocumented = answered.keys().find(|key| !shown.contains_key(*key));
    if let Some(key) = undocumented.filter(|_| !shown.contains_key(ANY)) {
        return Some(format!("{path}.{key}: answered, but not shown"));
    }
    shown
        .iter()
        .filter(|(key, _)| *key != ANY)
        .find_map(|(key, value)| compare(&format!("{path}.{key}"), value, &answered[key]))
}

fn compare_arrays(path: &str, shown: &[Value], answered: &[Value]) -> Option<String> {
    let (shown, is_open) = match shown {
        [shown @ .., Value::String(last)] if last == ANY => (shown, true),
        all => (all, false),
    };
    if answered.len() < shown.len() || (!is_open && answered.len() > shown.len()) {
        return Some(format!("{path}: {} elements shown, {} answered", shown.len(), answered.len()));
    }
    let mut pairs = shown.iter().zip(answered).enumerate();
    pairs.find_map(|(index, (shown, answered))| compare(&format!("{path}[{index}]"), shown, answered))
}

#[test]
fn shapes_are_told_apart() {
    use serde_json::json;
    let rows = [
        (json!({ "a": 1 }), json!({ "a": 2.5 }), true),
        (json!({ "a": 1 }), json!({ "a": "1" }), false),
        (json!({ "a": 1 }), json!({}), false),
        (json!({}), json!({ "a": 1 }), false),
        (json!({ "…": "…" }), json!({ "a": 1 }), true),
        (json!(["…"]), json!([1, 2]), true),
        (json!([1, "…"]), json!([]), false),
        (json!([]), json!([1]), false),
        (json!({ "a": "…" }), json!({ "a": [1] }), true),
        (json!({ "code": "A" }), json!({ "code": "B" }), false),
        (json!({ "id": "A" }), json!({ "id": "B" }), true),
        (json!({ "a": [{ "b": null }] }), json!({ "a": [{ "b": 1 }] }), false),
    ];
    for (shown, answered, same) in rows {
        assert_eq!(difference(&shown, &answered).is_none(), same, "{shown} {answered}");
    }
}
