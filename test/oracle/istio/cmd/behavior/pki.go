package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net/url"
	"sync"
	"time"
)

// pki is a throw-away CA (it stands for istiod's, for every public CA and for every gateway secret) and a JWT key.
type pki struct {
	mu    sync.Mutex
	key   *ecdsa.PrivateKey
	cert  *x509.Certificate
	caPEM []byte
	jwt   *ecdsa.PrivateKey
	cache map[string]*tls.Certificate
	n     int64
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func newPKI() *pki {
	p := &pki{cache: map[string]*tls.Certificate{}, n: 1}
	p.key = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	p.jwt = must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "behavior test CA"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(48 * time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der := must(x509.CreateCertificate(rand.Reader, t, t, &p.key.PublicKey, p.key))
	p.cert = must(x509.ParseCertificate(der))
	p.caPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return p
}

// leaf is a certificate with a URI SAN (a SPIFFE identity) or DNS SANs.
func (p *pki) leaf(uri string, dns ...string) *tls.Certificate {
	p.mu.Lock()
	defer p.mu.Unlock()
	id := uri
	for _, d := range dns {
		id += "|" + d
	}
	if c := p.cache[id]; c != nil {
		return c
	}
	p.n++
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	t := &x509.Certificate{
		SerialNumber: big.NewInt(p.n), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
		DNSNames: dns,
	}
	if uri != "" {
		t.URIs = []*url.URL{must(url.Parse(uri))}
	}
	der := must(x509.CreateCertificate(rand.Reader, t, p.cert, &key.PublicKey, p.key))
	c := &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	p.cache[id] = c
	return c
}

func pemPair(c *tls.Certificate) (cert, key []byte) {
	kd := must(x509.MarshalPKCS8PrivateKey(c.PrivateKey))
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: kd})
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// jwks adds the harness key to a JWKS (empty: the harness key alone).
func (p *pki) jwks(orig string) string {
	set := struct {
		Keys []any `json:"keys"`
	}{}
	if orig != "" {
		_ = json.Unmarshal([]byte(orig), &set)
	}
	set.Keys = append(set.Keys, map[string]string{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "behavior",
		"x": b64(p.jwt.X.FillBytes(make([]byte, 32))), "y": b64(p.jwt.Y.FillBytes(make([]byte, 32))),
	})
	return string(must(json.Marshal(set)))
}

func (p *pki) token(claims map[string]any, bad bool) string {
	h := b64([]byte(`{"alg":"ES256","kid":"behavior","typ":"JWT"}`))
	b := h + "." + b64(must(json.Marshal(claims)))
	sum := sha256.Sum256([]byte(b))
	r, s, err := ecdsa.Sign(rand.Reader, p.jwt, sum[:])
	if err != nil {
		panic(err)
	}
	sig := append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
	if bad {
		sig[5] ^= 0xff
	}
	return b + "." + b64(sig)
}
