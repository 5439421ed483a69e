//! Pages and queries.

use serde_json::json;

use super::get;

#[actix_web::test]
async fn pages_follow_each_other_to_the_end() {
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = get(&format!("/t/list?limit=100{after}")).await.json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()));
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, (1..=250).collect::<Vec<u64>>());
    assert_eq!(get("/t/list").await.json()["items"].as_array().unwrap().len(), 25);
}

#[actix_web::test]
async fn a_wrong_page_is_refused() {
    for limit in ["0", "101", "18446744073709551615"] {
        assert_eq!(get(&format!("/t/list?limit={limit}")).await.problem(422), "request.limit_out_of_range");
    }
    for (query, pointer) in
        [("limit=x", "/limit"), ("limit=-1", "/limit"), ("limit=1&limit=2", "/limit"), ("lmit=1", "/lmit")]
    {
        let got = get(&format!("/t/list?{query}")).await;
        assert_eq!(got.problem(422), "request.invalid", "{query}");
        assert_eq!(got.pointers(), [pointer], "{query}");
    }
    assert_eq!(get("/t/list?after=%25%25").await.problem(422), "request.unknown_cursor");
    let other = kernel::Cursor::new(&"letters", &7);
    assert_eq!(
        get(&format!("/t/list?after={}", other.as_str())).await.problem(422),
        "request.cursor_of_other_filter"
    );
}

#[actix_web::test]
async fn what_a_parameter_takes_is_said_in_words() {
    for (query, detail) in [
        ("/t/list?limit=x", "must be a whole number from 1 to 100"),
        ("/t/list?limit=99999999999999999999", "must be a whole number from 1 to 100"),
        ("/t/query?size=x", "must be a whole number"),
        ("/t/query?size=999", "must be a whole number in the range of the field"),
        ("/t/query?szie=1", "is no field of this call"),
    ] {
        assert_eq!(get(query).await.json()["errors"][0]["detail"], detail, "{query}");
    }
}

#[actix_web::test]
async fn a_filter_stands_beside_the_page() {
    let got = get("/t/filtered?size=3&limit=7").await;
    assert_eq!(got.json(), json!({ "limit": 7, "default": 25, "size": 3 }));
    assert_eq!(get("/t/filtered?szie=3").await.pointers(), ["/szie"]);
    assert_eq!(get("/t/query?size=9").await.json()["size"], 9);
    assert_eq!(get("/t/query?size=999").await.pointers(), ["/size"]);
    assert_eq!(get("/t/query?limit=9").await.pointers(), ["/limit"]);
}
