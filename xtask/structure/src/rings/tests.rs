//! Small crates, each with a ring or with none.

use std::path::Path;

/// The rings of a crate whose files are these; the first one is its root.
fn rings(files: &[(&str, &str)]) -> Vec<String> {
    let read = |path: &Path| {
        let found = files.iter().find(|(name, _)| Path::new(name) == path);
        found.map(|(_, text)| (*text).to_owned())
    };
    super::rings(Path::new(files[0].0), &read).unwrap()
}

/// The one ring of a crate; its text names the members in backticks.
fn one(files: &[(&str, &str)]) -> String {
    let rings = rings(files);
    assert_eq!(rings.len(), 1, "{rings:#?}");
    rings.into_iter().next().unwrap()
}

fn none(files: &[(&str, &str)]) {
    assert_eq!(rings(files), Vec::<String>::new());
}

#[test]
fn two_modules_that_import_each_other_are_a_ring() {
    let ring = one(&[
        ("src/lib.rs", "mod a;\nmod b;"),
        ("src/a.rs", "\nuse crate::b::B;\npub struct A(B);"),
        ("src/b.rs", "pub struct B;\nimpl B { fn a(&self, a: &crate::a::A) {} }"),
    ]);
    assert!(ring.contains("ring: `crate::a`, `crate::b`."), "{ring}");
    assert!(ring.contains("src/a.rs:2 names `crate::b::B`"), "{ring}");
    assert!(ring.contains("src/b.rs:2 names `crate::a::A`"), "{ring}");
}

#[test]
fn three_modules_in_a_circle_are_a_ring() {
    let ring = one(&[
        ("src/lib.rs", "mod a;\nmod b;\nmod c;\nmod d;"),
        ("src/a.rs", "pub fn f() { crate::b::f() }"),
        ("src/b.rs", "use super::c;\npub fn f() { c::f() }"),
        ("src/c.rs", "pub fn f() { println!(\"{}\", crate::a::f()) }"),
        ("src/d.rs", "use crate::a::f;"),
    ]);
    assert!(ring.contains("ring: `crate::a`, `crate::b`, `crate::c`."), "{ring}");
}

#[test]
fn layers_are_no_ring() {
    none(&[
        ("src/lib.rs", "mod a;\nmod b;\nmod c;\npub use c::C;"),
        ("src/a.rs", "pub struct A;"),
        ("src/b.rs", "use crate::a::A;\npub struct B(A);"),
        ("src/c.rs", "use crate::{a::A, b::B};\npub struct C(A, B);"),
    ]);
}

#[test]
fn a_parent_that_hands_on_its_children_is_in_no_ring() {
    none(&[
        ("src/lib.rs", "pub mod a;\nmod b;"),
        ("src/a/mod.rs", "mod one;\nmod two;\npub use one::One;\npub use two::*;"),
        ("src/a/one.rs", "use super::Two;\npub struct One(Two);"),
        ("src/a/two.rs", "pub struct Two;"),
        ("src/b.rs", "use crate::a::{One, Two};"),
    ]);
}

#[test]
fn an_import_through_the_parent_is_one_of_the_sibling() {
    let ring = one(&[
        ("src/lib.rs", "mod one;\nmod two;\npub use one::One;\npub use two::Two;"),
        ("src/one.rs", "use crate::Two;\npub struct One(Two);"),
        ("src/two.rs", "use super::One;\npub struct Two(Box<One>);"),
    ]);
    assert!(ring.contains("ring: `crate::one`, `crate::two`."), "{ring}");
}

#[test]
fn a_child_and_a_parent_whose_code_use_each_other_are_a_ring() {
    let ring = one(&[
        ("src/lib.rs", "mod a;"),
        ("src/a.rs", "mod child;\npub struct A;\nimpl A { fn f(&self) { child::f(self) } }"),
        ("src/a/child.rs", "use super::A;\npub fn f(_: &A) {}"),
    ]);
    assert!(ring.contains("ring: `crate::a` itself, `crate::a::child`."), "{ring}");
}

#[test]
fn a_child_that_extends_its_parent_is_in_no_ring() {
    none(&[
        ("src/lib.rs", "mod a;"),
        ("src/a.rs", "mod child;\npub struct A;"),
        ("src/a/child.rs", "impl super::A { fn f(&self) {} }"),
    ]);
}

#[test]
fn code_that_uses_a_re_export_uses_the_child() {
    let ring = one(&[
        ("src/lib.rs", "mod child;\npub use child::Child;\npub struct A(Child);"),
        ("src/child.rs", "pub struct Child;\nimpl crate::A {}"),
    ]);
    assert!(ring.contains("ring: `crate` itself, `crate::child`."), "{ring}");
}

#[test]
fn folders_that_import_each_other_are_a_ring_even_if_no_two_files_do() {
    let ring = one(&[
        ("src/lib.rs", "mod a;\nmod b;"),
        ("src/a.rs", "pub mod low;\npub mod high;"),
        ("src/a/low.rs", "pub struct Low;"),
        ("src/a/high.rs", "use crate::b::B;"),
        ("src/b.rs", "use crate::a::low::Low;\npub struct B(Low);"),
    ]);
    assert!(ring.contains("ring: `crate::a`, `crate::b`."), "{ring}");
}

#[test]
fn tests_may_use_what_they_like() {
    none(&[
        ("src/lib.rs", "mod a;\nmod b;\n#[cfg(test)]\nmod tests;"),
        ("src/a.rs", "pub struct A;\n#[cfg(all(test, unix))]\nmod tests { use crate::b::B; }"),
        ("src/b.rs", "use crate::a::A;\npub struct B(A);"),
    ]);
}

#[test]
fn names_of_other_crates_and_of_variables_are_no_modules() {
    none(&[
        ("src/lib.rs", "mod a;\nmod b;\nuse other::json;\npub fn f() { a::f() }"),
        (
            "src/a.rs",
            "use crate::json::Value;\nuse std::fmt;\npub fn f() { let b = 1; drop(b); ::other::b::f() }",
        ),
        ("src/b.rs", "pub fn f() { crate::a::f() }"),
    ]);
}

#[test]
fn inline_modules_count_and_lie_in_folders_of_their_name() {
    let ring = one(&[
        ("src/main.rs", "mod a { pub mod b;\n pub mod c { pub fn f() { super::b::f() } } }"),
        ("src/a/b.rs", "pub fn f() { super::c::f() }"),
    ]);
    assert!(ring.contains("ring: `crate::a::b`, `crate::a::c`."), "{ring}");
}
