//! Reads the text of an uploaded file, whatever spreadsheet programs write: UTF-8, UTF-16 with a byte order mark, or
//! GB18030, which holds GBK and GB2312.

use js_sys::{Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlInputElement;

/// The largest file, in bytes. Five hundred rows with many columns are a tenth of it.
const LARGEST: f64 = 1_048_576.0;

#[wasm_bindgen]
extern "C" {
    type File;
    #[wasm_bindgen(method, getter)]
    fn size(this: &File) -> f64;
    #[wasm_bindgen(method, catch, js_name = arrayBuffer)]
    fn array_buffer(this: &File) -> Result<Promise, JsValue>;

    type TextDecoder;
    #[wasm_bindgen(constructor, catch)]
    fn new(label: &str, options: &Object) -> Result<TextDecoder, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn decode(this: &TextDecoder, bytes: &Uint8Array) -> Result<String, JsValue>;
}

/// Why a file is no list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileError {
    /// It is larger than any list.
    TooLarge,
    /// It is no text, such as a workbook.
    NoText,
}

/// The text of the file that was chosen in a field; `None` if none was.
pub async fn text_of(input: HtmlInputElement) -> Option<Result<String, FileError>> {
    let files = Reflect::get(&input, &"files".into()).ok()?;
    let file = Reflect::get_u32(&files, 0).ok().filter(JsValue::is_object)?;
    let file: File = file.unchecked_into();
    let text = if file.size() > LARGEST { Err(FileError::TooLarge) } else { read(&file).await };
    // The same file can be chosen again, once it has been changed.
    input.set_value("");
    Some(text)
}

async fn read(file: &File) -> Result<String, FileError> {
    let buffer = match file.array_buffer() {
        Ok(buffer) => JsFuture::from(buffer).await,
        Err(error) => Err(error),
    };
    text(Uint8Array::new(&buffer.map_err(|_| FileError::NoText)?).to_vec())
}

fn text(bytes: Vec<u8>) -> Result<String, FileError> {
    let text = match bytes.as_slice() {
        [0xff, 0xfe, ..] => decode("utf-16le", &bytes),
        [0xfe, 0xff, ..] => decode("utf-16be", &bytes),
        _ => String::from_utf8(bytes).or_else(|error| decode("gb18030", error.as_bytes())),
    };
    text.ok().filter(|text| !text.contains('\0')).ok_or(FileError::NoText)
}

fn decode(label: &str, bytes: &[u8]) -> Result<String, JsValue> {
    let options = Object::new();
    // Otherwise invalid bytes become U+FFFD.
    Reflect::set(&options, &"fatal".into(), &true.into())?;
    TextDecoder::new(label, &options)?.decode(&Uint8Array::from(bytes))
}

#[cfg(test)]
mod tests {
    use wasm_bindgen_test::wasm_bindgen_test;

    use super::*;

    #[wasm_bindgen_test]
    fn encodings_of_spreadsheets() {
        let check = |bytes: &[u8], expect: Result<&str, FileError>| {
            assert_eq!(text(bytes.to_vec()).as_deref().map_err(|error| *error), expect, "{bytes:x?}");
        };
        check(b"", Ok(""));
        check("张三,z@x.cn".as_bytes(), Ok("张三,z@x.cn"));
        check("\u{feff}张三".as_bytes(), Ok("\u{feff}张三"));
        check(b"\xd5\xc5\xc8\xfd,z@x.cn", Ok("张三,z@x.cn"));
        // Four bytes a character, which GBK lacks.
        check(b"\x81\x39\xef\x30,\x95\x32\x82\x36", Ok("\u{3401},\u{20000}"));
        check(b"\xff\xfe\x20\x5f\x09\x4e", Ok("张三"));
        check(b"\xfe\xff\x5f\x20\x4e\x09", Ok("张三"));
        check(b"PK\x03\x04\x14\x00\x06\x00\xff\xff", Err(FileError::NoText));
        check(b"a\x00b", Err(FileError::NoText));
        check(b"\xff\xff\xff", Err(FileError::NoText));
    }
}
