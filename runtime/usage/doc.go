// Package usage judges API keys at the data plane: whether a key may call a stage,
// by which usage plan, within which throttle and quota; and it counts.
//
// Meter.Set takes what an account has, each time anew. Counters and buckets are kept
// by plan and key, beside that, so that an edit of a plan loses none. Counters can be
// kept over a restart by who asks Changed for them; buckets begin full. Periods are
// UTC's: days, weeks from Sunday, months.
package usage
