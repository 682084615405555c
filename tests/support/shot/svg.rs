//! Pictures that move, made of pictures that stand.

use std::fmt::Write as _;

/// Pictures of one size one after the other, each for so many seconds, again and again.
pub fn moving(pictures: &[&str], seconds: u32) -> String {
    let head = pictures[0].lines().next().unwrap();
    let whole = seconds * pictures.len() as u32;
    let mut out = format!("{head}\n");
    for (index, picture) in pictures.iter().enumerate() {
        let body: Vec<&str> = picture.lines().skip(1).filter(|line| *line != "</svg>").collect();
        let share = |step: usize| step as f64 / pictures.len() as f64;
        let (from, to) = (share(index), share(index + 1));
        // Hidden, shown from its own moment on, hidden again; the first is shown where nothing moves.
        let (values, times) = match (index, index + 1 == pictures.len()) {
            (0, _) => ("visible;hidden".to_owned(), format!("0;{to:.4}")),
            (_, true) => ("hidden;visible".to_owned(), format!("0;{from:.4}")),
            _ => ("hidden;visible;hidden".to_owned(), format!("0;{from:.4};{to:.4}")),
        };
        let at_rest = if index == 0 { "visible" } else { "hidden" };
        let _ = writeln!(
            out,
            r#"<g visibility="{at_rest}"><animate attributeName="visibility" calcMode="discrete" dur="{whole}s" repeatCount="indefinite" values="{values}" keyTimes="{times}"/>"#
        );
        out.push_str(&body.join("\n"));
        out.push_str("\n</g>\n");
    }
    out.push_str("</svg>\n");
    out
}
