using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Invocation;

/// <summary><c>kind: HTTPEndpoint</c>.</summary>
public sealed class HttpEndpointTests
{
    [Fact]
    public async Task Endpoint_is_called_by_its_name_with_its_headers_and_listed()
    {
        await using var server = await WebTestApp.StartAsync(context => context.Response.WriteAsync($"{context.Request.Path}{context.Request.QueryString} {context.Request.Headers["x-key"]} {context.Request.Headers["dapr-caller-app-id"]}"));
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            Resources = [$"apiVersion: dapr.io/v1alpha1\nkind: HTTPEndpoint\nmetadata:\n  name: mywebsite\nspec:\n  version: v1alpha1\n  baseUrl: http://localhost:{server.Port}\n  headers:\n  - name: x-key\n    value: secret\n"],
        });
        Assert.Equal("/hello?a=b secret ", await daprd.Http.GetStringAsync("/v1.0/invoke/mywebsite/method/hello?a=b"));
        var metadata = await daprd.MetadataAsync();
        Assert.Equal("mywebsite", metadata.GetProperty("httpEndpoints")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Endpoint_with_tls_is_called_with_its_roots_and_its_certificate()
    {
        using var good = new Pki();
        using var bad = new Pki();
        await using var server = await WebTestApp.StartAsync(context => context.Response.WriteAsync("ok-TLS"), certificate: good.Leaf, client: found => good.Issued(found));
        foreach (var (client, status) in ((Pki, int)[])[(good, 200), (bad, 500)])
        {
            await using var daprd = await Daprd.StartAsync(new DaprdSetup
            {
                Resources = [$"apiVersion: dapr.io/v1alpha1\nkind: HTTPEndpoint\nmetadata:\n  name: tls\nspec:\n  version: v1alpha1\n  baseUrl: https://localhost:{server.Port}\n  clientTLS:\n    rootCA:\n      value: {Quoted(good.RootPem)}\n    certificate:\n      value: {Quoted(client.LeafPem)}\n    privateKey:\n      value: {Quoted(client.KeyPem)}\n"],
            });
            using var response = await daprd.Http.GetAsync("/v1.0/invoke/tls/method/hello");
            var body = await response.Content.ReadAsStringAsync();
            Assert.True(status == (int)response.StatusCode, body);
            Assert.Contains(status == 200 ? "ok-TLS" : "ERR_DIRECT_INVOKE", body, StringComparison.Ordinal);
        }
    }

    private static string Quoted(string pem) => $"\"{pem.ReplaceLineEndings("\\n")}\"";

    private sealed class Pki : IDisposable
    {
        private readonly X509Certificate2 _root;
        private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        public Pki()
        {
            var now = TimeProvider.System.GetUtcNow();
            using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var root = new CertificateRequest("CN=root", rootKey, HashAlgorithmName.SHA256);
            root.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            _root = root.CreateSelfSigned(now.AddHours(-1), now.AddHours(1));
            var leaf = new CertificateRequest("CN=leaf", _key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("localhost");
            leaf.CertificateExtensions.Add(names.Build());
            using var issued = leaf.Create(_root, now.AddHours(-1), now.AddMinutes(50), [1, 2, 3]);
            LeafPem = issued.ExportCertificatePem();
            using var withKey = issued.CopyWithPrivateKey(_key);
            Leaf = X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
        }

        public X509Certificate2 Leaf { get; }

        public string LeafPem { get; }

        public string RootPem => _root.ExportCertificatePem();

        public string KeyPem => _key.ExportPkcs8PrivateKeyPem();

        public bool Issued(X509Certificate2 certificate) => certificate.RawData.AsSpan().SequenceEqual(Leaf.RawData);

        public void Dispose()
        {
            _root.Dispose();
            _key.Dispose();
            Leaf.Dispose();
        }
    }
}
