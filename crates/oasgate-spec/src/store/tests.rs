//! From references to their targets, row by row.

use std::collections::BTreeMap;

use super::{Node, Store};
use crate::Limits;
use crate::tests::Shelf;

/// What a reference that stands at a pointer of the entry leads to: `document#pointer`, with `~` before it where it was
/// repaired; or why it leads nowhere.
fn target(shelf: &Shelf, from: &str, reference: &str) -> String {
    let limits = Limits::default();
    let store = Store::open(shelf, &limits).unwrap();
    let root = store.entry().unwrap().root();
    let (at, left) = root.point(from).map_or_else(|stopped| stopped, |at| (at, ""));
    assert_eq!(left, "", "{from} is not in the entry");
    match store.resolve(at, reference) {
        Ok(found) => format!("{}{}", if found.repaired { "~" } else { "" }, shown(found.node)),
        Err(message) => message,
    }
}

fn shown(node: Node<'_>) -> String {
    let location = node.location();
    format!("{}#{}", location.document, location.pointer)
}

const POINTERS: &[(&str, &str)] = &[
    ("#", "api.yaml#"),
    ("", "api.yaml#"),
    ("api.yaml", "api.yaml#"),
    ("#/components/schemas/Pet", "api.yaml#/components/schemas/Pet"),
    ("./api.yaml#/components/schemas/Pet", "api.yaml#/components/schemas/Pet"),
    ("https://api.example/docs/api.yaml#/list/1", "api.yaml#/list/1"),
    ("#/list/1/b", "api.yaml#/list/1/b"),
    ("#/paths/~1a~1{id}/get", "api.yaml#/paths/~1a~1{id}/get"),
    ("#/paths/~1a~1%7Bid%7D/get", "api.yaml#/paths/~1a~1{id}/get"),
    ("#/components/schemas/a%20b~0c~1d%25e", "api.yaml#/components/schemas/a b~0c~1d%e"),
    ("#/components/schemas/a b~0c~1d%25e", "api.yaml#/components/schemas/a b~0c~1d%e"),
    ("#/components/schemas/%C3%9Cber", "api.yaml#/components/schemas/Über"),
    ("#/components/schemas/", "api.yaml#/components/schemas/"),
    ("shapes/pet.yaml", "pet.yaml#"),
    ("shapes/pet.yaml#/Pet", "pet.yaml#/Pet"),
    ("shapes/../shapes/pet.yaml#/Pet", "pet.yaml#/Pet"),
    ("/docs/shapes/pet.yaml#/Pet", "pet.yaml#/Pet"),
    ("https://other.example/all.json#/definitions/A", "all.json#/definitions/A"),
    ("//other.example/all.json#/definitions/A", "all.json#/definitions/A"),
    (" #/list/0 ", "api.yaml#/list/0"),
    // As it must have been meant.
    ("#components/schemas/Pet", "~api.yaml#/components/schemas/Pet"),
    ("api.yaml#components/schemas/Pet", "~api.yaml#/components/schemas/Pet"),
    ("#/components/schemas/Pet/", "~api.yaml#/components/schemas/Pet"),
    ("#/components/schemas/a b~0c~1d%e", "api.yaml#/components/schemas/a b~0c~1d%e"),
    ("#/definitions/Pet", "~api.yaml#/components/schemas/Pet"),
    ("Pet", "~api.yaml#/components/schemas/Pet"),
    ("#Pet", "~api.yaml#/components/schemas/Pet"),
    ("shapes\\pet.yaml#/Pet", "pet.yaml#/Pet"),
    ("shapes/my own.yaml#/a b", "my%20own.yaml#/a b"),
    ("shapes/my%20own.yaml#/a%20b", "my%20own.yaml#/a b"),
    // Through references that stand on the way.
    ("#/components/schemas/Link/properties/name", "~pet.yaml#/Pet/properties/name"),
    (
        "#/components/schemas/Link/properties/name/properties/name",
        "~api.yaml#/components/schemas/Pet/properties/name",
    ),
    ("shapes/pet.yaml#/back/type", "~toy.yaml#/type"),
    // Nowhere.
    ("#/components/schemas/Nobody", "`#/components/schemas/Nobody` points to nothing"),
    ("#/components/schemas/Loop/x", "`#/components/schemas/Loop/x` points to nothing"),
    ("#/list/2", "`#/list/2` points to nothing"),
    ("#/list/b", "`#/list/b` points to nothing"),
    ("#nobody", "`#nobody` points to nothing"),
    ("Nobody", "`Nobody` could not be read: https://api.example/docs/Nobody does not exist"),
    ("none.yaml#/a", "`none.yaml#/a` could not be read: https://api.example/docs/none.yaml does not exist"),
    ("http://[", "`http://[` is not a URI reference"),
];

#[test]
fn pointers_are_followed_as_the_standards_say() {
    let shelf = Shelf::new(&[
        (
            "api.yaml",
            "
paths: {'/a/{id}': {get: {}}}
components:
  schemas:
    Pet: {properties: {name: {type: string}}}
    'a b~c/d%e': {}
    Über: {}
    '': {}
    Link: {$ref: 'shapes/pet.yaml#/Pet'}
    Loop: {$ref: '#/components/schemas/Loop'}
list: [{a: 1}, {b: 2}]
",
        ),
        (
            "shapes/pet.yaml",
            "Pet: {properties: {name: {$ref: '../api.yaml#/components/schemas/Pet'}}}\nback: {$ref: toy.yaml}",
        ),
        ("shapes/toy.yaml", "type: object"),
        ("shapes/my%20own.yaml", "a b: {}"),
        ("https://other.example/all.json", "{\"definitions\": {\"A\": {}}}"),
    ]);
    for (reference, expected) in POINTERS {
        assert_eq!(target(&shelf, "", reference), *expected, "{reference}");
    }
}

#[test]
fn places_of_other_versions_are_found() {
    let v2 = Shelf::new(&[(
        "api.yaml",
        "swagger: '2.0'\ndefinitions: {A: {}}\nparameters: {P: {}}\nresponses: {R: {}}",
    )]);
    let v3 = Shelf::new(&[(
        "api.yaml",
        "components: {schemas: {A: {}}, parameters: {P: {}}, responses: {R: {}}}",
    )]);
    let rows = [
        (&v2, "#/components/schemas/A", "~api.yaml#/definitions/A"),
        (&v2, "#/components/parameters/P", "~api.yaml#/parameters/P"),
        (&v2, "#/components/responses/R", "~api.yaml#/responses/R"),
        (&v2, "A", "~api.yaml#/definitions/A"),
        (&v3, "#/definitions/A", "~api.yaml#/components/schemas/A"),
        (&v3, "#/parameters/P", "~api.yaml#/components/parameters/P"),
        (&v3, "#/responses/R", "~api.yaml#/components/responses/R"),
    ];
    for (shelf, reference, expected) in rows {
        assert_eq!(target(shelf, "", reference), expected, "{reference}");
    }
}

#[test]
fn references_in_a_schema_resource_start_at_its_root() {
    let shelf = Shelf::new(&[
        (
            "api.yaml",
            "
schemas:
  Person:
    $id: https://schemas.example/v1/person
    $defs:
      Name: {}
      Inner:
        $id: inner
        $defs: {Name: {}}
        $anchor: middle
        properties: {a: {}}
    properties: {b: {}}
  Old: {$id: '#old'}
  Anchored: {$anchor: here, items: {$dynamicAnchor: node}}
  Outer: {$anchor: here}
",
        ),
        ("pets.yaml", "Cat: {}"),
        ("https://schemas.example/v1/address.yaml", "Street: {}"),
    ]);
    let person = "/schemas/Person/properties/b";
    let inner = "/schemas/Person/$defs/Inner/properties/a";
    let rows = [
        (person, "#/$defs/Name", "api.yaml#/schemas/Person/$defs/Name"),
        (person, "#", "api.yaml#/schemas/Person"),
        (person, "inner", "api.yaml#/schemas/Person/$defs/Inner"),
        (person, "inner#/$defs/Name", "api.yaml#/schemas/Person/$defs/Inner/$defs/Name"),
        (person, "address.yaml#/Street", "address.yaml#/Street"),
        (inner, "#/$defs/Name", "api.yaml#/schemas/Person/$defs/Inner/$defs/Name"),
        (inner, "person#/$defs/Name", "api.yaml#/schemas/Person/$defs/Name"),
        (inner, "#middle", "api.yaml#/schemas/Person/$defs/Inner"),
        ("", "https://schemas.example/v1/person", "api.yaml#/schemas/Person"),
        ("", "https://schemas.example/v1/inner#middle", "api.yaml#/schemas/Person/$defs/Inner"),
        ("", "#here", "api.yaml#/schemas/Anchored"),
        ("", "#node", "api.yaml#/schemas/Anchored/items"),
        ("", "#old", "api.yaml#/schemas/Old"),
        // Meant for the whole document, or for a file beside it.
        (person, "#/schemas/Anchored", "~api.yaml#/schemas/Anchored"),
        (person, "#here", "~api.yaml#/schemas/Anchored"),
        (person, "pets.yaml#/Cat", "pets.yaml#/Cat"),
    ];
    for (from, reference, expected) in rows {
        assert_eq!(target(&shelf, from, reference), expected, "{reference} at {from}");
    }
}

#[test]
fn a_document_that_names_itself_is_found_by_both_names() {
    let shelf = Shelf::new(&[
        ("file:///work/api.yaml", "$self: https://apis.example/v3/api\na: {}"),
        ("https://apis.example/v3/b.yaml", "b: {$ref: 'api#/a'}"),
        ("file:///work/c.yaml", "c: {$ref: 'api.yaml#/a'}"),
    ]);
    let rows = [
        ("api#/a", "api.yaml#/a"),
        ("https://apis.example/v3/api#/a", "api.yaml#/a"),
        ("file:///work/api.yaml#/a", "api.yaml#/a"),
        ("b.yaml#/b", "b.yaml#/b"),
        ("b.yaml#/b/x", "`b.yaml#/b/x` points to nothing"),
        // Not where `$self` says, but where the files lie.
        ("c.yaml#/c", "c.yaml#/c"),
    ];
    for (reference, expected) in rows {
        assert_eq!(target(&shelf, "", reference), expected, "{reference}");
    }
}

#[test]
fn what_is_not_used_is_not_read_and_nothing_is_read_twice() {
    let shelf = Shelf::new(&[
        ("api.yaml", "a: {example: {$ref: never.yaml}, $ref: one.yaml}"),
        ("one.yaml", "{}"),
        ("never.yaml", "{}"),
    ]);
    let limits = Limits::default();
    let store = Store::open(&shelf, &limits).unwrap();
    let root = store.entry().unwrap().root();
    for reference in ["one.yaml", "one.yaml#/b", "none.yaml", "none.yaml#/b", "./one.yaml"] {
        let _ = store.resolve(root, reference);
    }
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for uri in shelf.asked.take() {
        *times.entry(uri.rsplit('/').next().unwrap().to_owned()).or_default() += 1;
    }
    let expected = [("api.yaml", 1), ("none.yaml", 1), ("one.yaml", 1)];
    assert_eq!(times, expected.map(|(name, count)| (name.to_owned(), count)).into());
}
