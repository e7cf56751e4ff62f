using System.Net;
using System.Net.Security;

namespace RealTimeMesh.Sidecar.App;

/// <summary>How connections to the app are made: by its protocol, redialled when they are lost.</summary>
internal static class AppTransport
{
    public static bool IsGrpc(this AppProtocol protocol) => protocol is AppProtocol.Grpc or AppProtocol.Grpcs;

    public static bool HasTls(this AppProtocol protocol) => protocol is AppProtocol.Https or AppProtocol.Grpcs;

    /// <summary>The version of HTTP that the app speaks.</summary>
    public static Version HttpVersion(this AppProtocol protocol) => protocol is AppProtocol.H2c || protocol.IsGrpc() ? System.Net.HttpVersion.Version20 : System.Net.HttpVersion.Version11;

    /// <summary>The protocol as daprd's flag names it.</summary>
    public static string Name(this AppProtocol protocol) => protocol switch
    {
        AppProtocol.Https => "https",
        AppProtocol.H2c => "h2c",
        AppProtocol.Grpc => "grpc",
        AppProtocol.Grpcs => "grpcs",
        _ => "http",
    };

    public static Uri Address(SidecarOptions options) =>
        new UriBuilder(options.AppProtocol.HasTls() ? Uri.UriSchemeHttps : Uri.UriSchemeHttp, options.AppAddress, options.AppPort).Uri;

    public static SocketsHttpHandler CreateHandler(SidecarOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            MaxConnectionsPerServer = 1024,
            // An app may allow fewer streams on one connection than there are callers.
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = 1024 * 1024,
            // Covers the whole handshake: an app that accepts and is slow to answer is not cut off in the middle of it.
            ConnectTimeout = TimeSpan.FromSeconds(20),
            // The trace context of a call is the caller's to set, not that of a surrounding activity.
            ActivityHeadersPropagator = null,
        };
        if (options.AppProtocol.HasTls())
        {
            handler.SslOptions = TlsOptions(options);
            handler.SslOptions.ApplicationProtocols = [options.AppProtocol.IsGrpc() ? SslApplicationProtocol.Http2 : SslApplicationProtocol.Http11];
        }

        return handler;
    }

#pragma warning disable CA5359 // As daprd: an app on the same host has a certificate of its own making.
    public static SslClientAuthenticationOptions TlsOptions(SidecarOptions options) =>
        new() { TargetHost = options.AppAddress, RemoteCertificateValidationCallback = static (_, _, _, _) => true };
#pragma warning restore CA5359
}
