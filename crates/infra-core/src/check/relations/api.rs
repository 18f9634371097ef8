//! Relations of the limits of an API.

use crate::{
    check::{Violation, policy::Blocks},
    model::Stack,
};

/// Finds APIs whose burst is less than their rate. The burst is the size of the token bucket and the rate fills it, so
/// the rate can be reached only if the requests of a second come evenly.
///
/// This is half of Little's law for the functions behind the API. `limit/route-concurrency` asks them to reserve the
/// burst of each route, and the time that a route waits by design. So a function that reserves concurrency can serve
/// the rate as long as its calls take a second on average, in addition to the waits. A longer average is possible, up to the
/// timeout, but it is not known here: to reserve rate x timeout would take ten times as much from the account.
pub(super) fn burst(_: &Stack, blocks: &Blocks<'_>) -> Vec<Violation> {
    let limits = blocks.each("aws_api_gateway_method_settings").map(|it| {
        let settings = &it.body["settings"][0];
        let number = |name: &str| settings[name].as_u64();
        (it, number("throttling_rate_limit"), number("throttling_burst_limit"))
    });
    let over = limits.filter_map(|(it, rate, burst)| {
        let (rate, burst) = (rate?, burst?);
        (burst < rate).then(|| {
            Violation::new(
                "limit/burst",
                it.address,
                format!(
                    "its burst limit is {burst}, but its rate limit is {rate} requests a second: API Gateway would refuse \
                     requests below the rate, unless they come evenly"
                ),
                format!("raise the burst limit to {rate} or more, or lower the rate limit to {burst}"),
            )
        })
    });
    over.collect()
}

/// The seconds of a day.
const DAY: u64 = 86_400;

/// Finds daily quotas that a caller cannot reach, because the rate of the same key stops it first.
pub(super) fn daily_quota(_: &Stack, blocks: &Blocks<'_>) -> Vec<Violation> {
    let plans = blocks.each("aws_api_gateway_usage_plan").filter_map(|it| {
        let throttle = &it.body["throttle_settings"][0];
        let quota = &it.body["quota_settings"][0];
        let daily = quota["limit"].as_u64().filter(|_| quota["period"] == "DAY")?;
        Some((it, daily, throttle["rate_limit"].as_u64()?, throttle["burst_limit"].as_u64()?))
    });
    let over = plans.filter_map(|(it, daily, rate, burst)| {
        let most = rate.saturating_mul(DAY).saturating_add(burst);
        (daily > most).then(|| {
            Violation::new(
                "limit/daily-quota",
                it.address,
                format!(
                    "a key may send {daily} requests a day, but at its rate of {rate} a second, with a burst of {burst}, \
                     it cannot send more than {most}: the quota never applies"
                ),
                format!("lower the daily quota to {most} or less, or raise the rate limit"),
            )
        })
    });
    over.collect()
}
