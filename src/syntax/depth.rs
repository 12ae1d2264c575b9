//! Depth of nesting, counted before anything recurses, so that no text can exhaust the stack.

use crate::text::{Code, Diagnostic, Span};

/// Maximum nesting of parentheses, `that`, `optional` and `not`: far more than a query that can be read, and each level has
/// more than a megabyte of [`DEEP_STACK`].
pub const MAX_DEPTH: usize = 200;

/// Nesting that fits the stack of any thread. Most texts are within it, and need no thread of their own.
const SHALLOW: usize = 16;

/// Stack size for deeper texts, in bytes; only touched pages use memory.
const DEEP_STACK: usize = 256 << 20;

/// Returns the depth of nesting of a text, counted in one pass over its bytes. `that` and `optional` stay open until
/// the end of the sentence: `,`, `;` or a closing parenthesis.
///
/// # Errors
/// [`Code::TooDeep`] at the first place beyond [`MAX_DEPTH`].
pub fn checked(text: &str) -> Result<usize, Diagnostic> {
    let mut levels = vec![0];
    let mut deepest = 0;
    let mut depth = 0;
    for (start, word) in words(text) {
        match word {
            "(" => levels.push(0),
            ")" if levels.len() > 1 => depth -= 1 + levels.pop().unwrap_or(0),
            "," | ";" => depth -= levels.last_mut().map_or(0, std::mem::take),
            _ => {}
        }
        let opens = word == "(" || ["that", "optional", "not"].iter().any(|opener| word.eq_ignore_ascii_case(opener));
        if !opens {
            continue;
        }
        if let (Some(level), true) = (levels.last_mut(), word != "(") {
            *level += 1;
        }
        depth += 1;
        deepest = deepest.max(depth);
        if depth > MAX_DEPTH {
            return Err(too_deep(Span::new(start, start + word.len())));
        }
    }
    Ok(deepest)
}

pub fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error(Code::TooDeep, span, format!("this is nested deeper than {MAX_DEPTH} levels"))
        .help("write it as several sentences, joined by variables")
}

/// Returns words and parentheses outside of texts and comments, with their byte offsets.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        while at < bytes.len() {
            let start = at;
            let end = token_end(bytes, start);
            at = end;
            if !matches!(bytes[start], b'"' | b'#' | b' ' | b'\n') {
                return text.get(start..end).map(|word| (start, word)).or(Some((start, "")));
            }
        }
        None
    })
}

/// Returns the end of the token that begins at `start`: a text, a comment, a word, or one byte.
fn token_end(bytes: &[u8], start: usize) -> usize {
    let rest = &bytes[start + 1..];
    let length = match bytes[start] {
        b'"' => return string_end(bytes, start),
        b'#' => rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()),
        first if is_word(first) => rest.iter().position(|byte| !is_word(*byte)).unwrap_or(rest.len()),
        _ => 0,
    };
    start + 1 + length
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-' || !byte.is_ascii()
}

/// Runs `work` on a stack for texts of that depth: that of the caller or, for deep texts, of a new thread.
pub fn with_stack<T: Send>(depth: usize, work: impl FnOnce() -> T + Send) -> T {
    if depth <= SHALLOW {
        return work();
    }
    std::thread::scope(|scope| {
        let thread =
            std::thread::Builder::new().stack_size(DEEP_STACK).spawn_scoped(scope, crate::limits::carried(work));
        match thread.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(value)) => value,
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(error) => panic!("no thread for a deeply nested text: {error}"),
        }
    })
}
