using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RealTimeMesh.Sidecar.Tests.Harness;

/// <summary>Certificates of an app's own making: nobody vouches for them, and they name somebody else.</summary>
internal static class TestCertificate
{
    public static X509Certificate2 Create()
    {
        var now = TimeProvider.System.GetUtcNow();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=somebody-else", key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(now.AddHours(-2), now.AddHours(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
