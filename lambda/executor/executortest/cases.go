package executortest

var (
	initCases   []plainCase
	nodeCases   []plainCase
	pythonCases []plainCase
	poolCases   []plainCase
)
