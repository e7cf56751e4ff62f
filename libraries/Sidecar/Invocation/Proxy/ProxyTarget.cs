namespace RealTimeMesh.Sidecar.Invocation.Proxy;

/// <summary>Where a proxied call goes.</summary>
/// <param name="AppId">The app that is called.</param>
/// <param name="IsLocal">This sidecar's own app, called directly; else its sidecar is.</param>
/// <param name="BaseAddress">Scheme, host and port.</param>
/// <param name="Client">Connections to it.</param>
internal sealed record ProxyTarget(string AppId, bool IsLocal, string BaseAddress, HttpMessageInvoker Client);
