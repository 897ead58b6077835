use super::Address;
use crate::Secret;

#[test]
fn what_leaves_the_machine_is_encrypted_unless_the_operator_says_otherwise() {
    for (url, expected) in [
        ("postgres://u:p@localhost/db", Ok(false)),
        ("postgres://u:p@127.0.0.1:5433/db", Ok(false)),
        ("postgres://u:p@%2Frun%2Fpostgresql/db", Ok(false)),
        ("postgresql:///db?host=/run/postgresql&user=u", Ok(false)),
        ("postgres://u:p@db.example.com/db", Ok(true)),
        ("postgres://u:p@localhost,db.example.com/db", Ok(true)),
        ("postgres://u:p@localhost/db?sslmode=verify-full", Ok(true)),
        ("postgres://u:p@db/db?sslmode=require", Ok(true)),
        ("postgres://u:p@db/db?application_name=x&sslmode=verify-ca", Ok(true)),
        ("postgres://u:p@db/db?sslmode=disable", Ok(false)),
        ("postgres://u:p@db/db?sslmode=prefer", Err("must be `verify-full`")),
        ("postgres://u:p@db/db?sslmode=", Err("must be `verify-full`")),
        ("postgres://u:p@db/db?sslrootcert=/nonexistent.pem", Err("sslrootcert")),
        ("postgres://u:p@db/db?no_such_parameter=1", Err("must be like")),
        ("postgres://u:p@db:port/db", Err("must be like")),
        ("mysql://u:p@db/db", Err("must begin with")),
        ("host=db user=u password=p", Err("must begin with")),
        ("", Err("must begin with")),
    ] {
        let parsed = Address::parse(&Secret::new(url)).map(|address| address.tls.is_some());
        match (parsed, expected) {
            (Ok(encrypted), Ok(expected)) => assert_eq!(encrypted, expected, "{url}"),
            (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{url}: {error}"),
            (parsed, _) => panic!("{url}: {parsed:?}"),
        }
    }
}

#[test]
fn a_refusal_does_not_repeat_the_password() {
    for url in ["postgres://u:hunter2@db:port/db", "postgres://u:hunter2@db/db?sslmode=hunter2", "hunter2"] {
        let error = Address::parse(&Secret::new(url)).err().unwrap();
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
}
