//! The names of definitions: people know them again, and they do not change for what else is in a description.

use crate::tests::{Shelf, read};
use crate::{Api, Options, load};

fn names(api: &Api) -> Vec<&str> {
    api.definitions.0.keys().map(String::as_str).collect()
}

fn referring(references: &[&str]) -> String {
    let schemas: Vec<String> =
        references.iter().map(|reference| format!("{{$ref: '{reference}'}}")).collect();
    format!(
        "openapi: 3.1.0\npaths: {{/a: {{post: {{requestBody: {{content: {{a/b: {{schema: {{anyOf: [{}]}}}}}}}}}}}}}}\n",
        schemas.join(", ")
    )
}

#[test]
fn a_name_is_the_last_word_of_where_a_schema_stands() {
    let rows = [
        ("#/components/schemas/A", "A"),
        ("#/components/schemas/a%20b~1c.d-e_f", "a_b_c.d-e_f"),
        ("#/components/schemas/A/properties/p", "p"),
        ("#/components/schemas/A/allOf/0", "0"),
        ("#here", "Anchored"),
        ("https://a.example/b", "Resource"),
    ];
    let components = "components: {schemas: {A: {properties: {p: {}}, allOf: [{}]}, 'a b/c.d-e_f': {}, Anchored: {$anchor: here}, Resource: {$id: 'https://a.example/b'}}}";
    for (reference, expected) in rows {
        let (api, problems) = read(&(referring(&[reference]) + components));
        assert_eq!((names(&api), problems.len()), (vec![expected], 0), "{reference}");
    }
}

#[test]
fn files_of_the_same_name_get_names_of_their_own() {
    let files = [
        ("https://api.example/docs/a/Error.yaml", "{title: a}"),
        ("https://api.example/docs/b/Error.yaml", "{title: b}"),
        (
            "https://api.example/docs/b/Error.json",
            "{\"title\": \"c\", \"$defs\": {\"Error\": {\"title\": \"d\"}}}",
        ),
    ];
    let shelved = |references: &[&str], own: &str| {
        let entry = referring(references) + own;
        let mut documents = vec![("https://api.example/docs/api.yaml", entry.as_str())];
        documents.extend(files);
        let (api, problems) = load(&Shelf::new(&documents), &Options::default());
        assert!(problems.is_empty(), "{problems:?}");
        let title =
            |name: &str| api.definitions.get(name).unwrap()["title"].as_str().unwrap_or("own").to_owned();
        let mut named: Vec<String> =
            names(&api).into_iter().map(|name| format!("{} {name}", title(name))).collect();
        named.sort();
        named
    };
    let all = ["a/Error.yaml", "b/Error.yaml", "b/Error.json", "b/Error.json#/$defs/Error"];
    let own = "components: {schemas: {Error: {}}}";
    assert_eq!(
        shelved(&all, ""),
        ["a Error", "b Error_0b3b76", "c Error_72d25d", "d Error_50abcf"],
        "the first has the name, others a fingerprint of where they lie"
    );
    // The description's own schema has the name, whether it is met first, last, or not at all.
    let beside = ["a Error_616b83", "b Error_0b3b76", "c Error_72d25d", "d Error_50abcf"];
    assert_eq!(shelved(&all, own), beside);
    let with_own = [all.as_slice(), &["#/components/schemas/Error"]].concat();
    assert_eq!(shelved(&with_own, own), [beside.as_slice(), &["own Error"]].concat());
    let reversed: Vec<&str> = with_own.iter().rev().copied().collect();
    assert_eq!(shelved(&reversed, own), [beside.as_slice(), &["own Error"]].concat());
}

#[test]
fn one_schema_has_one_name_however_it_is_referred_to() {
    let files = [(
        "shapes/pet.yaml",
        "{$defs: {Name: {}}, properties: {self: {$ref: '#'}, again: {$ref: pet.yaml}}}",
    )];
    let references = [
        "shapes/pet.yaml",
        "./shapes/pet.yaml",
        "shapes/../shapes/pet.yaml#",
        "/docs/shapes/pet.yaml",
        "https://api.example/docs/shapes/pet.yaml",
    ];
    let entry = referring(&references);
    let mut documents = vec![("api.yaml", entry.as_str())];
    documents.extend(files);
    let (api, _) = load(&Shelf::new(&documents), &Options::default());
    assert_eq!(names(&api), ["pet"]);
}

#[test]
fn a_schema_that_is_only_a_reference_is_what_it_refers_to() {
    let rows: [(&[&str], &[&str]); 4] = [
        (&["#/components/schemas/Pet", "pets/Pet.yaml"], &["Pet"]),
        (&["#/components/schemas/Other"], &["Pet"]),
        (&["#/components/schemas/Toy", "toys/Toy.yaml"], &["Toy", "Toy_7d7fc1"]),
        (&["#/components/schemas/Nothing"], &["Nothing"]),
    ];
    let components = "components: {schemas: {
  Pet: {$ref: pets/Pet.yaml}, Other: {$ref: '#/components/schemas/Pet'}, Nothing: {$ref: '#/nowhere'},
  Toy: {$ref: toys/Toy.yaml, description: With more to say}}}";
    for (references, expected) in rows {
        let entry = referring(references) + components;
        let shelf = Shelf::new(&[("api.yaml", &entry), ("pets/Pet.yaml", "{}"), ("toys/Toy.yaml", "{}")]);
        let (api, _) = load(&shelf, &Options::default());
        assert_eq!(names(&api), expected, "{references:?}");
    }
}

#[test]
fn cycles_over_files_come_to_an_end() {
    let entry = referring(&["a.yaml"]);
    let shelf = Shelf::new(&[
        ("api.yaml", entry.as_str()),
        (
            "a.yaml",
            "{properties: {b: {$ref: 'b.yaml#/B'}}, allOf: [{$ref: 'api.yaml#/paths/~1a/post/requestBody/content/a~1b/schema'}]}",
        ),
        ("b.yaml", "B: {properties: {a: {$ref: a.yaml}, b: {$ref: '#/B'}}}"),
    ]);
    let (api, problems) = load(&shelf, &Options::default());
    assert_eq!(names(&api), ["a", "B", "schema"]);
    assert_eq!(problems.iter().map(|problem| problem.rule).collect::<Vec<_>>(), ["schema-loop"]);
}
