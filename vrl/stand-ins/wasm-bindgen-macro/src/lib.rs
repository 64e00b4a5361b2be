//! The attribute `#[wasm_bindgen]`, as far as getrandom 0.3 and 0.4 and uuid use it: on a block that declares one JavaScript function,
//! which fills the buffer `buf` with random bytes, or takes nothing and says the time.

use proc_macro::{Delimiter, Group, TokenStream, TokenTree};

/// Makes a Rust function of each declaration of an `extern "C"` block, with a body that asks the host: for random bytes, and without
/// arguments for the time.
///
/// A block that declares anything else does not compile then, since no `buf` is in scope or the types are others.
#[proc_macro_attribute]
pub fn wasm_bindgen(_arguments: TokenStream, item: TokenStream) -> TokenStream {
    let block = item.into_iter().find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
        _ => None,
    });
    let declarations = block.expect("nvl's stand-in knows `extern` blocks only").into_iter();

    let mut functions: Vec<TokenTree> = Vec::new();
    // The first parentheses of a declaration are its arguments; the unit type has some too.
    let mut takes_nothing = None;
    let mut tokens = declarations.peekable();
    while let Some(token) = tokens.next() {
        let mark = match &token {
            TokenTree::Punct(punct) => punct.as_char(),
            _ => ' ',
        };
        let is_attribute_of_ours =
            mark == '#' && matches!(tokens.peek(), Some(TokenTree::Group(group)) if is_ours(group));
        if is_attribute_of_ours {
            tokens.next();
        } else if mark == ';' {
            functions.extend(body(takes_nothing.take().unwrap_or(false)));
        } else {
            if let TokenTree::Group(group) = &token
                && group.delimiter() == Delimiter::Parenthesis
            {
                takes_nothing.get_or_insert(group.stream().is_empty());
            }
            functions.push(token);
        }
    }
    functions.into_iter().collect()
}

fn body(takes_nothing: bool) -> TokenStream {
    let text = match takes_nothing {
        true => "{ ::wasm_bindgen::now_ms() }",
        false => "{ ::wasm_bindgen::fill_random(buf) }",
    };
    text.parse().expect("the body is Rust")
}

/// `#[wasm_bindgen(…)]` on a declaration says how JavaScript calls it.
fn is_ours(attribute: &Group) -> bool {
    match attribute.stream().into_iter().next() {
        Some(TokenTree::Ident(name)) => name.to_string() == "wasm_bindgen",
        _ => false,
    }
}
