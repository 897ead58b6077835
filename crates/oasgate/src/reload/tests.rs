use super::{NAMES, told};
use crate::server::Difference;

fn names(count: usize) -> Vec<String> {
    (0..count).map(|index| format!("t{index}")).collect()
}

#[test]
fn what_is_different_is_told_by_name_up_to_a_number() {
    let rows = [
        ((0, 0, 0), "no tool is different".to_owned()),
        ((1, 0, 0), "1 tool added (t0)".to_owned()),
        ((2, 1, 0), "2 tools added (t0, t1), 1 tool removed (t0)".to_owned()),
        ((0, 0, NAMES + 2), format!("{} tools changed ({} and 2 more)", NAMES + 2, names(NAMES).join(", "))),
    ];
    for ((added, removed, changed), expected) in rows {
        let difference = Difference { added: names(added), removed: names(removed), changed: names(changed) };
        assert_eq!(told(&difference), expected);
    }
}
