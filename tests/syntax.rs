//! The grammar: what parses, and what the trees print to.

use begat::syntax;

#[test]
fn a_sentence_parses() {
    assert!(syntax::parse("Model uses MLA").is_ok());
}
