using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RealTimeMesh.Sidecar.Invocation.Http;

/// <summary>TLS to an endpoint with roots and certificates of its own.</summary>
internal static class EndpointTls
{
    /// <summary>Throws <see cref="InvokeException"/> for keys and certificates that are none.</summary>
    public static SslClientAuthenticationOptions Options(HttpEndpoint endpoint)
    {
        var options = new SslClientAuthenticationOptions { EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13 };
        if (endpoint.RootCa is { Length: > 0 } roots)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(Roots(endpoint.Name, roots));
        }

        if (endpoint.PrivateKey is { Length: > 0 } key)
            options.ClientCertificateContext = SslStreamCertificateContext.Create(Certificate(endpoint, key), null, offline: true);
        return options;
    }

    private static X509Certificate2Collection Roots(string name, string pem)
    {
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            roots.Clear();
        }

        return roots.Count > 0 ? roots : throw new InvokeException($"failed to add root cert to cert pool for http endpoint {name}");
    }

    private static X509Certificate2 Certificate(HttpEndpoint endpoint, string key)
    {
        try
        {
            return X509Certificate2.CreateFromPem(endpoint.Certificate, key);
        }
        catch (CryptographicException exception)
        {
            throw new InvokeException($"failed to load client certificate for http endpoint {endpoint.Name}: {exception.Message}", exception);
        }
    }
}
