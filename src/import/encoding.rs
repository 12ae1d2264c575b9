//! Converts files in other encodings to UTF-8: UTF-16, Windows-1252, and the ANSEL of old genealogies.

use std::io;
use unicode_normalization::UnicodeNormalization;

/// First bytes of binary files, which are not text in any encoding.
const BINARY: [&[u8]; 6] = [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1", b"PK\x03\x04", b"BZh", b"\xfd7zX"];

/// Windows-1252 from 0x80 to 0x9f; the other characters are those of Latin-1.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// Code page 437 of DOS from 0x80 to 0xff, and Mac Roman.
const DOS: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
const MAC: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";

/// ANSEL from 0xa1 to 0xcf; a space stands for a code without a character.
const ANSEL: &str = "ŁØĐÞÆŒʹ·♭®±ƠƯʼ ʻłøđþæœʺı£ð ơư  °ℓ℗©♯¿¡ß€      ß";
/// ANSEL from 0xe0 to 0xfe: combining characters, which stand before their letter.
const ANSEL_COMBINING: [u32; 31] = [
    0x309, 0x300, 0x301, 0x302, 0x303, 0x304, 0x306, 0x307, 0x308, 0x30c, 0x30a, 0xfe20, 0xfe21, 0x315, 0x30b, 0x310,
    0x327, 0x328, 0x323, 0x324, 0x325, 0x333, 0x332, 0x326, 0x31c, 0x32e, 0xfe22, 0xfe23, 0, 0, 0x313,
];

/// A file as UTF-8, with what was done to it, if anything.
#[derive(Debug, PartialEq, Eq)]
pub struct Decoded {
    pub bytes: Vec<u8>,
    /// The encoding that was recognised with certainty.
    pub decided: Option<String>,
    /// The encoding that was assumed.
    pub unsure: Option<String>,
}

impl Decoded {
    fn same(bytes: Vec<u8>) -> Decoded {
        Decoded { bytes, decided: None, unsure: None }
    }
}

/// Converts a file to UTF-8. Compressed and binary files stay as they are.
///
/// # Errors
/// The file is damaged UTF-16, or UTF-8 with errors.
pub fn utf8(bytes: Vec<u8>) -> io::Result<Decoded> {
    if let Some(decoded) = utf16(&bytes) {
        let text = decoded.ok_or_else(|| io::Error::other("it is damaged UTF-16 text; save it as UTF-8"))?;
        let decided = Some("it was UTF-16, and its copy here is UTF-8".to_string());
        return Ok(Decoded { bytes: text.into_bytes(), decided, unsure: None });
    }
    let is_binary = BINARY.iter().any(|magic| bytes.starts_with(magic)) || bytes.contains(&0);
    if is_binary || std::str::from_utf8(&bytes).is_ok() {
        return Ok(Decoded::same(bytes));
    }
    // Text in UTF-8 with an error here and there has many more characters that are right.
    let (mut right, mut wrong, mut line, mut first) = (0, 0, 1, 0);
    for chunk in bytes.utf8_chunks() {
        right += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        line += chunk.valid().matches('\n').count();
        if !chunk.invalid().is_empty() {
            wrong += 1;
            first = if first == 0 { line } else { first };
        }
    }
    if right > wrong {
        return Err(io::Error::other(format!("it is not UTF-8 text, first in line {first}; save it as UTF-8")));
    }
    let unsure = format!(
        "it is not UTF-8 (first in line {first}): taken for Windows-1252, and its copy here is UTF-8; if letters are wrong, \
         convert it by `iconv` first"
    );
    Ok(Decoded { bytes: windows_1252(&bytes).into_bytes(), decided: None, unsure: Some(unsure) })
}

/// Converts a GEDCOM file to UTF-8, by its byte order mark or the `CHAR` of its head.
///
/// # Errors
/// As for [`utf8`].
pub fn gedcom(bytes: Vec<u8>) -> io::Result<Decoded> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4000)]).to_uppercase();
    let declared = head.split(['\n', '\r']).find_map(|line| line.trim().strip_prefix("1 CHAR ")).unwrap_or("").trim();
    if declared == "ANSEL" && !bytes.is_ascii() && std::str::from_utf8(&bytes).is_err() {
        let decided = Some("it was ANSEL, and its copy here is UTF-8".to_string());
        return Ok(Decoded { bytes: ansel(&bytes).into_bytes(), decided, unsure: None });
    }
    let pages =
        [(&["IBMPC", "IBM", "IBM_WINDOWS", "OEM", "MSDOS"][..], DOS, "DOS text"), (&["MACINTOSH"], MAC, "Mac text")];
    let page = pages.into_iter().find(|(names, ..)| names.contains(&declared));
    if let Some((_, page, name)) = page.filter(|_| std::str::from_utf8(&bytes).is_err()) {
        let unsure = Some(format!("it was {name}, by its `CHAR {declared}`, and its copy here is UTF-8"));
        let text: String = bytes.iter().map(|byte| of_page(*byte, page)).collect();
        return Ok(Decoded { bytes: text.into_bytes(), decided: None, unsure });
    }
    utf8(bytes)
}

/// Returns the character of a code page from 0x80.
fn of_page(byte: u8, page: &str) -> char {
    let high = byte.checked_sub(0x80).and_then(|at| page.chars().nth(usize::from(at)));
    high.unwrap_or(char::from(byte))
}

/// Returns UTF-16 text, by its byte order mark or the zeros of its ASCII characters; `Some(None)` if it is damaged, `None`
/// if the bytes are not UTF-16.
fn utf16(bytes: &[u8]) -> Option<Option<String>> {
    let zeros = |odd: usize| bytes.iter().take(200).skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let (body, is_big) = match bytes {
        [0xff, 0xfe, body @ ..] => (body, false),
        [0xfe, 0xff, body @ ..] => (body, true),
        _ if bytes.len() >= 20 && zeros(1) * 5 > bytes.len().min(200) * 2 && zeros(0) * 10 < zeros(1) => (bytes, false),
        _ if bytes.len() >= 20 && zeros(0) * 5 > bytes.len().min(200) * 2 && zeros(1) * 10 < zeros(0) => (bytes, true),
        _ => return None,
    };
    if !body.len().is_multiple_of(2) {
        return Some(None);
    }
    let unit = |pair: &[u8]| {
        let pair = [pair[0], pair[1]];
        if is_big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
    };
    Some(char::decode_utf16(body.chunks(2).map(unit)).collect::<Result<String, _>>().ok())
}

fn windows_1252(bytes: &[u8]) -> String {
    let one = |byte: &u8| match byte {
        0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
        byte => char::from(*byte),
    };
    bytes.iter().map(one).collect()
}

fn ansel(bytes: &[u8]) -> String {
    let (mut out, mut marks) = (String::new(), String::new());
    for byte in bytes {
        let c = match byte {
            0xe0..=0xfe => {
                marks.extend(char::from_u32(ANSEL_COMBINING[usize::from(byte - 0xe0)]).filter(|c| *c != '\0'));
                continue;
            }
            0xa1..=0xcf => ANSEL.chars().nth(usize::from(byte - 0xa1)).filter(|c| *c != ' '),
            0..=0x7f => Some(char::from(*byte)),
            _ => None,
        };
        out.push(c.unwrap_or('\u{fffd}'));
        out.push_str(&std::mem::take(&mut marks));
    }
    out.nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(decoded: io::Result<Decoded>) -> (String, bool, bool) {
        let decoded = decoded.expect("text");
        let text = String::from_utf8(decoded.bytes).expect("UTF-8");
        (text, decoded.decided.is_some(), decoded.unsure.is_some())
    }

    #[test]
    fn encodings_are_recognised() {
        let wide = |text: &str, big: bool| -> Vec<u8> {
            let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
            text.encode_utf16().flat_map(bytes).collect()
        };
        let text = "name,city\nZoë,Łódź 😀\n";
        for big in [false, true] {
            assert_eq!(read(utf8(wide(&format!("\u{feff}{text}"), big))), (text.to_string(), true, false));
            assert_eq!(read(utf8(wide(text, big))), (text.to_string(), true, false));
        }
        assert_eq!(read(utf8(text.as_bytes().to_vec())), (text.to_string(), false, false));
        assert_eq!(read(utf8(b"Jos\xe9 \x96 \x80 5".to_vec())), ("José – € 5".to_string(), false, true));
        assert!(utf8("é é é".bytes().chain([0xff]).collect()).is_err_and(|error| error.to_string().contains("line 1")));
        assert!(utf8(b"\xff\xfea".to_vec()).is_err());
        assert_eq!(utf8(b"PAR1\xff".to_vec()).expect("bytes"), Decoded::same(b"PAR1\xff".to_vec()));
    }

    #[test]
    fn code_pages_are_read() {
        assert_eq!((DOS.chars().count(), MAC.chars().count()), (128, 128));
        let old = |name: &str, e: u8| [format!("0 HEAD\n1 CHAR {name}\n1 NAME Ren").as_bytes(), &[e, b'e']].concat();
        for (name, e) in [("IBMPC", 0x82), ("MACINTOSH", 0x8e)] {
            let text = format!("0 HEAD\n1 CHAR {name}\n1 NAME Renée");
            assert_eq!(read(gedcom(old(name, e))), (text, false, true));
        }
    }

    #[test]
    fn ansel_is_read() {
        assert_eq!(ANSEL.chars().count(), 0xcf - 0xa1 + 1);
        let head = b"0 HEAD\n1 CHAR ANSEL\n";
        let name = [&head[..], b"1 NAME Ren\xe2ee /M\xe8uller/ \xa1\xf0c \xcf\xa4\n"].concat();
        let text = "0 HEAD\n1 CHAR ANSEL\n1 NAME Renée /Müller/ Łç ßÞ\n";
        assert_eq!(read(gedcom(name)), (text.to_string(), true, false));
    }
}
