//! Links between pages lead somewhere.

use crate::markdown::{Page, root};

#[test]
fn every_link_within_the_repository_leads_somewhere() {
    let mut pages = Page::all();
    for entry in std::fs::read_dir(root().join("docs/decisions")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        pages.push(Page::read(&format!("docs/decisions/{name}")));
    }
    for page in pages {
        let folder = root().join(&page.path);
        let folder = folder.parent().unwrap();
        for target in page.prose().split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            if path.contains("://") {
                continue;
            }
            let file = if path.is_empty() { root().join(&page.path) } else { folder.join(path) };
            assert!(file.exists(), "{}: {target}", page.path);
            if !anchor.is_empty() {
                let text = std::fs::read_to_string(&file).unwrap();
                let has = text.lines().filter(|line| line.starts_with('#')).any(|line| slug(line) == anchor);
                assert!(has, "{}: no heading for {target}", page.path);
            }
        }
    }
}

/// A heading's anchor.
fn slug(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    words
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}
