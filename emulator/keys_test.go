package emulator

import (
	"testing"
	"time"

	"github.com/postern/postern/controlplane/awsapi"
	"github.com/postern/postern/controlplane/store"
	"github.com/postern/postern/controlplane/supporting/iam"
)

// A function that asks STS who it is hears of its role, in a session named after it.
func TestFunctionsAreTheirRoles(t *testing.T) {
	db, err := store.Open("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	k := &keys{iam: iam.New(iam.Config{DB: db, Now: time.Now})}
	for _, tc := range []struct{ role, function, want, session string }{
		{"arn:aws:iam::111122223333:role/app", "orders", "arn:aws:sts::111122223333:assumed-role/app/orders", "orders"},
		{"arn:aws:iam::111122223333:role/service-role/app", "zz", "arn:aws:sts::111122223333:assumed-role/app/zz", "zz"},
		{"arn:aws:iam::111122223333:role/app", "f", "arn:aws:sts::111122223333:assumed-role/app/f@lambda_function", "f@lambda_function"},
		{"arn:aws-cn:iam::111122223333:role/app", "orders", "arn:aws-cn:sts::111122223333:assumed-role/app/orders", "orders"},
	} {
		c := k.forFunction("111122223333", tc.role, tc.function)
		account, p := k.iam.Caller(awsapi.Identity{Account: "000000000000", Region: "us-east-1", AccessKeyID: c.AccessKeyID})
		if want := k.iam.RoleToAssume("111122223333", "app").ID + ":" + tc.session; account != "111122223333" || p.ARN != tc.want || p.UserID != want {
			t.Errorf("%s of %s: %s %+v, want %s %s", tc.function, tc.role, account, p, tc.want, want)
		}
		if cred, ok := k.lookup(c.AccessKeyID); !ok || cred.SecretAccessKey != c.SecretAccessKey || cred.SessionToken != c.SessionToken {
			t.Errorf("%s: lookup %+v %v", tc.function, cred, ok)
		}
	}
}
