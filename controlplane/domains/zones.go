package domains

// Hosted zones of endpoints, for alias records in Route 53.
const (
	distributionZone = "Z2FDTNDATAQYW2" // CloudFront's
	defaultZone      = "Z1UJRXOUMOOFQ8" // us-east-1's
)

// zones are the hosted zones of regional endpoints, from the AWS General Reference.
var zones = map[string]string{
	"us-east-1": defaultZone, "us-east-2": "ZOJJZC49E0EPZ", "us-west-1": "Z2MUQ32089INYE", "us-west-2": "Z2OJLYMUO9EFXC",
	"ca-central-1": "Z19DQILCV0OWEC", "sa-east-1": "ZCMLWB8V5SYIT",
	"eu-central-1": "Z1U9ULNL0V5AJ3", "eu-west-1": "ZLY8HYME6SFDD", "eu-west-2": "ZJ5UAJN8Y3Z2Q", "eu-west-3": "Z3KY65QIEKYHQQ", "eu-north-1": "Z3UWIKFBOOGXPP",
	"ap-northeast-1": "Z1YSHQZHG15GKL", "ap-northeast-2": "Z20JF4UZKIW1U8", "ap-south-1": "Z3VO1THU9YC4UR",
	"ap-southeast-1": "ZL327KTPIQFUL", "ap-southeast-2": "Z2RPCDW04V8134",
}

// zone gives a region's hosted zone.
//
// unverified against AWS: regions beside the table show us-east-1's.
func zone(region string) string {
	if z := zones[region]; z != "" {
		return z
	}
	return defaultZone
}
