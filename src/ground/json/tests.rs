use rstest::rstest;

use super::jackson::explain;
use super::{Data, canonical, check};

#[test]
fn bodies_that_the_parser_accepts_are_accepted() {
    let deep = "[".repeat(129) + &"]".repeat(129);
    let digits = "9".repeat(5000);
    let bodies = [
        "0",
        "-0",
        "1e999",
        "-1.5E+10",
        "1E-2",
        "\"\"",
        "null",
        " true\r\n",
        "\tfalse",
        "[]",
        "{}",
        "[[],{}]",
        "{\"\":{\"\":[]}}",
        r#""\ud800""#,
        r#""\ude00\ud83d""#,
        r#""\"\\\/\b\f\n\r\t\u00Ff""#,
        "\"é€😀 \u{7f}\u{80}\u{10ffff}\"",
        "\u{feff}{}",
        "{\"é\":1,\"é\":2}",
        &deep,
        &digits,
    ];
    for body in bodies {
        assert_eq!(check(body.as_bytes()), Ok(()), "for {body}");
        assert_eq!(explain(body.as_bytes()), Ok(()), "for {body}");
        assert!(canonical(body.as_bytes()).is_some(), "for {body}");
    }
}

#[test]
fn a_stop_is_found_at_every_position_of_a_word_or_a_block() {
    for length in 0..100 {
        for at in 0..length {
            let mut body = vec![b'a'; length + 2];
            (body[0], body[length + 1]) = (b'"', b'"');
            assert_eq!(check(&body), Ok(()));
            for byte in [b'"', b'\\', 0x1F, 0x80] {
                body[at + 1] = byte;
                assert!(check(&body).is_err(), "{byte:#x} at {at} of {length}");
            }
        }
    }
}

/// Mutated bodies, with a fixed seed. None of these bodies is one on which serde_json and the
/// service differ.
#[test]
fn both_passes_agree_with_serde_json_on_mutated_bodies() {
    const SEEDS: [&str; 4] = [
        r#"{"id":123,"name":"item-123","ok":true,"tags":["a","b"],"price":-12.5e+3}"#,
        r#" [ null , false , "é€😀\n\u00e9" , 0.10 , [ ] , { } ] "#,
        r#"{"a":{"b":[1,[2,{"c":""}]]},"a":0}"#,
        r#""twelve chars and thirty more, then \"some\" é""#,
    ];
    const PIECES: &[u8] = b"\"\\{}[],:-+.eE019tnu \n\t\x01a\x80\xC3\xA9\xE2\xF0\xFF/";
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let (mut good, mut bad) = (0, 0);
    for _ in 0..20_000 {
        let mut body = SEEDS[random(SEEDS.len())].as_bytes().to_vec();
        for _ in 0..=random(2) {
            let at = random(body.len());
            match random(3) {
                0 => body[at] = PIECES[random(PIECES.len())],
                1 => body.insert(at, PIECES[random(PIECES.len())]),
                _ => drop(body.remove(at)),
            }
        }
        let wanted = std::str::from_utf8(&body)
            .is_ok_and(|text| serde_json::from_str::<serde_json::Value>(text).is_ok());
        let shown = body.escape_ascii();
        assert_eq!(check(&body).is_ok(), wanted, "for {shown}");
        assert_eq!(explain(&body).is_ok(), wanted, "for {shown}");
        if let Some(text) = canonical(&body) {
            let value = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).unwrap();
            assert_eq!(value(text.as_bytes()), value(&body), "for {shown}");
        }
        *(if wanted { &mut good } else { &mut bad }) += 1;
    }
    assert!(
        good > 1000 && bad > 1000,
        "{good} good, {bad} bad: too few of one"
    );
}

#[test]
fn canonical_orders_members_and_keeps_scalars() {
    let cases = [
        (
            r#" { "b" : 1.0 , "a" : [ 1e999 , -0 , {} , [] ] } "#,
            r#"{"a":[1e999,-0,{},[]],"b":1.0}"#,
        ),
        (
            r#"{"b":{"d":1,"c":2},"a":{"f":3,"e":4}}"#,
            r#"{"a":{"e":4,"f":3},"b":{"c":2,"d":1}}"#,
        ),
        (
            r#"[{"b":1,"a":2},3,{"d":4,"c":5}]"#,
            r#"[{"a":2,"b":1},3,{"c":5,"d":4}]"#,
        ),
        // Members with the same name keep their order, whatever their spelling.
        (r#"{"a":3,"\u0061":1,"a":2}"#, r#"{"a":3,"\u0061":1,"a":2}"#),
        // By the decoded name: as text, the backslash would be sorted before `a` and after `B`.
        (r#"{"b":1,"\u0061":2}"#, r#"{"\u0061":2,"b":1}"#),
        (r#"{"z":1,"\n":2,"\"":3}"#, r#"{"\n":2,"\"":3,"z":1}"#),
        // By code point, not by UTF-16 unit: U+FFFD before U+1F600, escaped or not.
        (r#"{"\ud83d\ude00":1,"�":2}"#, r#"{"�":2,"\ud83d\ude00":1}"#),
        (
            r#"{"😀":1,"\ufffd":2,"\ud83d":3}"#,
            r#"{"\ud83d":3,"\ufffd":2,"😀":1}"#,
        ),
        (r#"{"ab":1,"a":2,"":3}"#, r#"{"":3,"a":2,"ab":1}"#),
        (r#" "\/ \ud800 é" "#, r#""\/ \ud800 é""#),
        ("\u{feff}{}", "{}"),
    ];
    for (body, wanted) in cases {
        assert_eq!(
            canonical(body.as_bytes()).as_deref(),
            Some(wanted),
            "for {body}"
        );
    }
}

#[rstest]
#[case::unsigned("18446744073709551615", Data::Unsigned(u64::MAX))]
#[case::signed("-9223372036854775808", Data::Signed(i64::MIN))]
#[case::beyond_integers("12345678901234567890123", Data::Float(12345678901234567890123.0))]
#[case::fraction("1.50", Data::Float(1.5))]
#[case::text(r#""\u00e9""#, Data::Text("é".to_owned()))]
#[case::twice(r#"{"a":1,"\u0061":2}"#, Data::Object([("a".to_owned(), Data::Unsigned(2))].into()))]
fn a_value_has_the_type_that_can_hold_it(#[case] text: &str, #[case] expected: Data) {
    assert_eq!(Data::of(text.as_bytes()), Some(expected));
}

#[test]
fn the_sign_of_zero_is_kept() {
    let Some(Data::Float(zero)) = Data::of(b"-0") else {
        panic!("a negative zero is a float");
    };
    assert!(zero == 0.0 && zero.is_sign_negative());
}

#[rstest]
#[case::beyond_floats("[1e400]".to_owned())]
#[case::half_a_pair(r#""\ud800""#.to_owned())]
#[case::no_json("<html>".to_owned())]
#[case::too_deep("[".repeat(128) + &"]".repeat(128))]
fn a_value_that_no_type_can_hold_gives_none(#[case] text: String) {
    assert_eq!(Data::of(text.as_bytes()), None);
}

#[test]
fn data_can_be_nested_as_deeply_as_serde_json_reads() {
    assert!(Data::of(("[".repeat(127) + &"]".repeat(127)).as_bytes()).is_some());
}

#[test]
fn a_million_open_brackets_neither_overflow_nor_hang() {
    let (open, close) = ("[".repeat(1_000_000), "]".repeat(1_000_000));
    let error = check(open.as_bytes()).unwrap_err();
    assert_eq!(error.column(), 1_000_001);
    let whole = open + &close;
    assert_eq!(check(whole.as_bytes()), Ok(()));
    assert_eq!(canonical(whole.as_bytes()), Some(whole));
    let objects = r#"{"b":0,"a":"#.repeat(200_000) + "1" + &"}".repeat(200_000);
    let wanted = r#"{"a":"#.repeat(200_000) + "1" + &r#","b":0}"#.repeat(200_000);
    assert!(
        canonical(objects.as_bytes()) == Some(wanted),
        "deep objects print wrongly"
    );
}

#[test]
fn each_level_is_closed_by_the_right_bracket() {
    for depth in [1, 63, 64, 65, 127, 128, 129, 200] {
        let open: String = (0..depth)
            .map(|level| if level % 3 == 0 { "{\"a\":" } else { "[" })
            .collect();
        let close: String = (0..depth)
            .rev()
            .map(|level| if level % 3 == 0 { '}' } else { ']' })
            .collect();
        assert_eq!(
            check(format!("{open}0{close}").as_bytes()),
            Ok(()),
            "{depth} levels"
        );
        for level in 0..depth {
            let mut wrong = close.clone().into_bytes();
            wrong[level] ^= b'}' ^ b']';
            let body = [open.as_bytes(), b"0", &wrong].concat();
            assert!(
                check(&body).is_err(),
                "level {level} of {depth} closed by the wrong marker"
            );
        }
    }
}
