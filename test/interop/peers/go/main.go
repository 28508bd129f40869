// golang-jwt and go-jose as peers of matrix.py: requests in, answers out, a JSON
// object a line.
package main

import (
	"bufio"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"
)

type request struct {
	Peer    string          `json:"peer"`
	Do      string          `json:"do"`
	Alg     string          `json:"alg"`
	Enc     string          `json:"enc"`
	Kty     string          `json:"kty"`
	Size    any             `json:"size"`
	JWK     json.RawMessage `json:"jwk"`
	PEM     string          `json:"pem"`
	Private bool            `json:"private"`
	Claims  json.RawMessage `json:"claims"`
	Token   string          `json:"token"`
	Text    string          `json:"text"`
}

var errLacking = errors.New("this library has no way to do it")

// The key that stands in PEM, as Go's own x509 reads it.
func keyOfPEM(text string) (any, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("no PEM")
	}
	if block.Type == "PUBLIC KEY" {
		return x509.ParsePKIXPublicKey(block.Bytes)
	}
	return x509.ParsePKCS8PrivateKey(block.Bytes)
}

func withGolangJWT(r request) (any, error) {
	if r.Do != "sign" && r.Do != "verify" {
		return nil, errLacking
	}
	var key any
	var err error
	if r.PEM != "" {
		key, err = keyOfPEM(r.PEM)
	} else {
		var jwk struct{ K string }
		if err = json.Unmarshal(r.JWK, &jwk); err == nil {
			key, err = base64.RawURLEncoding.DecodeString(jwk.K)
		}
	}
	if err != nil {
		return nil, err
	}
	claims := jwt.MapClaims{}
	if r.Do == "verify" {
		_, err := jwt.ParseWithClaims(r.Token, claims,
			func(*jwt.Token) (any, error) { return key, nil }, jwt.WithValidMethods([]string{r.Alg}))
		return claims, err
	}
	method := jwt.GetSigningMethod(r.Alg)
	if method == nil {
		return nil, errLacking
	}
	if err := json.Unmarshal(r.Claims, &claims); err != nil {
		return nil, err
	}
	return jwt.NewWithClaims(method, claims).SignedString(key)
}

func generate(kty string, size any) (any, error) {
	curves := map[any]elliptic.Curve{"P-256": elliptic.P256(), "P-384": elliptic.P384(), "P-521": elliptic.P521()}
	switch {
	case kty == "RSA":
		return rsa.GenerateKey(rand.Reader, int(size.(float64)))
	case curves[size] != nil:
		return ecdsa.GenerateKey(curves[size], rand.Reader)
	case size == "Ed25519":
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	return nil, errLacking
}

func withGoJOSE(r request) (any, error) {
	var jwk jose.JSONWebKey
	if r.JWK != nil {
		if err := jwk.UnmarshalJSON(r.JWK); err != nil {
			return nil, err
		}
	}
	switch r.Do {
	case "sign":
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(r.Alg), Key: jwk.Key}, nil)
		if err != nil {
			return nil, err
		}
		signed, err := signer.Sign(r.Claims)
		if err != nil {
			return nil, err
		}
		return signed.CompactSerialize()
	case "verify":
		signed, err := jose.ParseSigned(r.Token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(r.Alg)})
		if err != nil {
			return nil, err
		}
		payload, err := signed.Verify(jwk.Key)
		return json.RawMessage(payload), err
	case "encrypt":
		encrypter, err := jose.NewEncrypter(jose.ContentEncryption(r.Enc),
			jose.Recipient{Algorithm: jose.KeyAlgorithm(r.Alg), Key: jwk.Key}, nil)
		if err != nil {
			return nil, err
		}
		encrypted, err := encrypter.Encrypt([]byte(r.Text))
		if err != nil {
			return nil, err
		}
		return encrypted.CompactSerialize()
	case "decrypt":
		encrypted, err := jose.ParseEncrypted(r.Token, []jose.KeyAlgorithm{jose.KeyAlgorithm(r.Alg)},
			[]jose.ContentEncryption{jose.ContentEncryption(r.Enc)})
		if err != nil {
			return nil, err
		}
		plaintext, err := encrypted.Decrypt(jwk.Key)
		return string(plaintext), err
	case "thumbprint":
		thumbprint, err := jwk.Thumbprint(crypto.SHA256)
		return base64.RawURLEncoding.EncodeToString(thumbprint), err
	case "from_pem":
		key, err := keyOfPEM(r.PEM)
		return jose.JSONWebKey{Key: key}, err
	case "to_pem":
		if r.Private {
			der, err := x509.MarshalPKCS8PrivateKey(jwk.Key)
			return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), err
		}
		der, err := x509.MarshalPKIXPublicKey(jwk.Key)
		return string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), err
	case "generate":
		key, err := generate(r.Kty, r.Size)
		return jose.JSONWebKey{Key: key}, err
	}
	return nil, errLacking
}

// The name and version of a library that go.mod pins.
func named(name, module string) string {
	info, _ := debug.ReadBuildInfo()
	for _, dependency := range info.Deps {
		if dependency.Path == module {
			return name + " " + dependency.Version[1:]
		}
	}
	return name
}

// Whatever a library returns or panics with is its answer.
func answer(peer func(request) (any, error), r request) (line map[string]any) {
	defer func() {
		if p := recover(); p != nil {
			line = map[string]any{"error": fmt.Sprint("panic: ", p)}
		}
	}()
	result, err := peer(r)
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	return map[string]any{"result": result}
}

func main() {
	names := []string{
		named("golang-jwt", "github.com/golang-jwt/jwt/v5"),
		named("go-jose", "github.com/go-jose/go-jose/v4"),
	}
	peers := map[string]func(request) (any, error){names[0]: withGolangJWT, names[1]: withGoJOSE}
	output := json.NewEncoder(os.Stdout)
	output.Encode(names)
	for input := bufio.NewReader(os.Stdin); ; {
		line, err := input.ReadBytes('\n')
		if err != nil {
			return
		}
		var r request
		if err := json.Unmarshal(line, &r); err != nil {
			output.Encode(map[string]any{"error": err.Error()})
			continue
		}
		if err := output.Encode(answer(peers[r.Peer], r)); err != nil {
			output.Encode(map[string]any{"error": err.Error()})
		}
	}
}
