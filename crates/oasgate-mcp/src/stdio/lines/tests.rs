//! Lines do not depend on how the bytes arrive, and none is kept beyond the limit.

use proptest::prelude::*;
use tokio::io::BufReader;

use super::{Line, Lines};

/// All lines of `bytes`, read through a buffer of `buffer` bytes; `None` for one too long.
fn read(bytes: &[u8], limit: usize, buffer: usize) -> Vec<Option<Vec<u8>>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut lines = Lines::new(BufReader::with_capacity(buffer, bytes), limit);
        let mut all = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            all.push(match line {
                Line::Whole(line) => Some(line.to_vec()),
                Line::TooLong => None,
            });
            assert!(lines.line.len() <= limit);
        }
        all
    })
}

proptest! {
    #[test]
    fn as_split_by_line_ends(
        pieces in prop::collection::vec("[a \r]{0,12}", 0..8),
        limit in 0_usize..12,
        buffer in 1_usize..20,
    ) {
        let expected: Vec<_> = pieces
            .iter()
            .filter_map(|piece| {
                let line = piece.as_bytes().trim_ascii().to_vec();
                if piece.len() > limit { Some(None) } else { (!line.is_empty()).then_some(Some(line)) }
            })
            .collect();
        let bytes = pieces.join("\n");
        prop_assert_eq!(&read(bytes.as_bytes(), limit, buffer), &expected);
        prop_assert_eq!(&read(format!("{bytes}\n").as_bytes(), limit, buffer), &expected);
    }
}
