//! `docs/rest.md` has every endpoint, and no other.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{markdown::Page, server};

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_is_documented_and_exists() {
    let page = Page::read("docs/rest.md");
    let documented: BTreeSet<String> = page
        .text
        .lines()
        .filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`'))
        .map(str::to_owned)
        .collect();

    let server = server::anonymous().await;
    let url = format!("{}/openapi.json", server::url(&server));
    let api: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    let served: BTreeSet<String> = api["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            let path = path.replace('{', ":").replace('}', "");
            let methods = methods.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase())).collect::<Vec<_>>()
        })
        .collect();
    assert!(server.shutdown().await);
    assert_eq!(documented, served);
}
