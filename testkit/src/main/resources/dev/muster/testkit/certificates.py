"""Makes a certificate and its key: NAME.pem and NAME.key in a folder."""
import datetime
import ipaddress
import json
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

wanted = json.loads(sys.argv[1])
folder = pathlib.Path(wanted["folder"])

if wanted["elliptic"]:
    key = ec.generate_private_key(ec.SECP256R1())
else:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
subject = x509.Name([
    x509.NameAttribute(NameOID.COUNTRY_NAME, "US"),
    x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Acme Größe"),
    x509.NameAttribute(NameOID.COMMON_NAME, wanted["name"]),
    x509.NameAttribute(NameOID.EMAIL_ADDRESS, "ops@example.org"),
])
issuer, issuer_key = subject, key
if wanted["issuer"]:
    issuer = x509.load_pem_x509_certificate((folder / (wanted["issuer"] + ".pem")).read_bytes()).subject
    issuer_key = serialization.load_pem_private_key((folder / (wanted["issuer"] + ".key")).read_bytes(), None)

now = datetime.datetime.utcnow()
builder = (
    x509.CertificateBuilder()
    .subject_name(subject)
    .issuer_name(issuer)
    .public_key(key.public_key())
    .serial_number(x509.random_serial_number())
    .not_valid_before(now + datetime.timedelta(seconds=wanted["from"]))
    .not_valid_after(now + datetime.timedelta(seconds=wanted["to"]))
    .add_extension(x509.BasicConstraints(ca=not wanted["issuer"], path_length=None), critical=True)
)
if wanted["host"]:
    try:
        name = x509.IPAddress(ipaddress.ip_address(wanted["host"]))
    except ValueError:
        name = x509.DNSName(wanted["host"])
    builder = builder.add_extension(x509.SubjectAlternativeName([name]), critical=False)

traditional = serialization.PrivateFormat.TraditionalOpenSSL
format = traditional if wanted["traditional"] else serialization.PrivateFormat.PKCS8
password = wanted["password"]
encryption = (
    serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
)
certificate = builder.sign(issuer_key, hashes.SHA256())
(folder / (wanted["name"] + ".pem")).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
(folder / (wanted["name"] + ".key")).write_bytes(
    key.private_bytes(serialization.Encoding.PEM, format, encryption)
)
