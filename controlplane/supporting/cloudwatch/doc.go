// Package cloudwatch serves CloudWatch: metrics, alarms, dashboards and their tags.
//
// Metrics are kept in memory only, in time buckets (series.go) that are bounded in
// age and number; the oldest go first. They come by PutMetricData or by
// Service.Record, which the emulator feeds from finished exchanges and which never
// fails. GetMetricStatistics and GetMetricData read buckets; math.go evaluates the
// arithmetic of metric math.
//
// Alarms and dashboards are records. Alarms are kept as AWS keeps them, with state
// and history, but nothing evaluates them: SetAlarmState is what changes a state.
package cloudwatch
