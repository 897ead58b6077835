//! A tool is listed alone as it is among others: what is held of one listing for the next changes nothing.

use crate::fixture::api;
use crate::{Options, Profile, Selection, compile};

/// Definitions that lead back to one another by several ways, entered by each operation at another place.
const WEB: &str = "openapi: 3.1.0
info: {title: t, version: '1'}
components: {schemas: {
  A: {type: object, description: An A., properties: {b: {$ref: '#/components/schemas/B'}, c: {$ref: '#/components/schemas/C'}}},
  B: {type: object, description: A B., properties: {a: {$ref: '#/components/schemas/A'}, d: {$ref: '#/components/schemas/D'}, '$odd': {type: string}}},
  C: {type: object, description: A C., properties: {d: {$ref: '#/components/schemas/D'}, list: {type: array, items: {$ref: '#/components/schemas/C'}}}},
  D: {anyOf: [{type: string, description: A word.}, {$ref: '#/components/schemas/E'}, {type: array, items: {$ref: '#/components/schemas/B'}}]},
  E: {type: object, properties: {leaf: {type: string, format: byte}, file: {type: string, format: binary}}}}}
paths:
  /a: {post: {operationId: a, requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}}}
  /b: {post: {operationId: b, requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/B'}}}}}}
  /c: {post: {operationId: c, requestBody: {content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/C'}}}}}}}
  /d: {post: {operationId: d, requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/D'}}}}}}
  /e: {post: {operationId: e, requestBody: {content: {multipart/form-data: {schema: {type: object, properties: {e: {$ref: '#/components/schemas/E'}}}}}}}}
  /all: {post: {operationId: all, requestBody: {content: {application/json: {schema: {type: object, properties: {
    e: {$ref: '#/components/schemas/E'}, d: {$ref: '#/components/schemas/D'}, c: {$ref: '#/components/schemas/C'}, a: {$ref: '#/components/schemas/A'}}}}}}}}
";

#[test]
fn a_tool_alone_is_as_it_is_among_others() {
    let api = api(WEB);
    for schema_budget in [16_000, 3_000, 1_000] {
        for profile in [Profile::Portable, Profile::Full] {
            let options = Options { profile, schema_budget, ..Options::default() };
            let (together, _) = compile(&api, &options);
            for tool in together.tools() {
                let mut alone = options.clone();
                alone.selection = Selection::new(std::slice::from_ref(&tool.name), &[], false).unwrap();
                let (catalog, _) = compile(&api, &alone);
                let [only] = catalog.tools() else { panic!("{} is not alone", tool.name) };
                assert_eq!(
                    only.input_schema().get(),
                    tool.input_schema().get(),
                    "{} {schema_budget}",
                    tool.name
                );
            }
        }
    }
}
