//! What every adapter of quotas must do.

use std::time::Duration;

use crate::quota::{Quota, QuotaTaken, Quotas};

const SHORT: Quota = Quota { name: "short", most: 3, within: Duration::from_millis(400) };
const LONG: Quota = Quota { name: "long", most: 5, within: Duration::from_secs(60) };
const BOTH: [Quota; 2] = [SHORT, LONG];

/// Quotas of a key that nobody else uses; `wait` lets time pass.
pub async fn quotas(quotas: &dyn Quotas, key: &str, wait: impl AsyncFn(Duration)) {
    let other = format!("{key}-other");
    let take = async |key: &str| quotas.quota_take(key, &BOTH).await.expect("an answer");
    let left = |taken: &QuotaTaken| taken.left.iter().map(|left| left.left).collect::<Vec<_>>();

    for expected in [[2, 4], [1, 3], [0, 2]] {
        let taken = take(key).await;
        assert!(taken.granted);
        assert_eq!(left(&taken), expected);
        assert_eq!(taken.retry_after(), Duration::ZERO);
        assert!(taken.left[0].resets_in <= SHORT.within && taken.left[1].resets_in <= LONG.within);
    }
    let refused = take(key).await;
    assert!(!refused.granted, "the short one is used up");
    assert_eq!(left(&refused), [0, 2], "and nothing was taken of the long one");
    assert!(refused.retry_after() <= SHORT.within);
    assert!(take(&other).await.granted, "another key has its own");

    wait(SHORT.within * 2).await;
    assert_eq!(left(&take(key).await), [2, 1], "the short one is there again, the long one is not");
    assert_eq!(left(&take(key).await), [1, 0]);
    let refused = take(key).await;
    assert!(!refused.granted, "the long one is used up");
    assert!(refused.retry_after() > SHORT.within);
}

/// However many ask at once: `all` are adapters of the same quotas.
pub async fn quotas_are_exact(all: &[&dyn Quotas], key: &str) {
    let quota = [Quota { name: "exact", most: 50, within: Duration::from_secs(60) }];
    let asked = (0..120).map(|n| all[n % all.len()].quota_take(key, &quota));
    let answers = futures::future::join_all(asked).await;
    let granted = answers.into_iter().filter(|answer| answer.as_ref().is_ok_and(|taken| taken.granted));
    assert_eq!(granted.count(), 50);
}
