using Grpc.Core;
using Microsoft.Extensions.Logging;
using RealTimeMesh.Sidecar.Configurations;
using RealTimeMesh.Sidecar.Invocation.Wire;

namespace RealTimeMesh.Sidecar.Invocation;

/// <summary>
/// Whether other apps may call this one (<c>spec.accessControl</c>). Rules of single callers need their identity, which
/// comes with mTLS: without it daprd applies the default action to everybody, and so does this.
/// </summary>
internal sealed class AccessControl
{
    private readonly bool _denies;

    public AccessControl(SidecarConfiguration configuration, ILogger<AccessControl> logger)
    {
        var settings = configuration.AccessControl;
        _denies = !settings.DefaultAction.Equals("allow", StringComparison.OrdinalIgnoreCase)
            && (settings.DefaultAction.Length > 0 || settings.Policies.Count > 0);
        if (settings.Policies.Count > 0)
            Log.CallerRulesIgnored(logger, _denies ? "deny" : "allow");
    }

    /// <summary>Throws <see cref="RpcException"/> where the call is not allowed.</summary>
    public void Require(string operation, HTTPExtension.Types.Verb verb)
    {
        if (_denies)
            throw new RpcException(new global::Grpc.Core.Status(StatusCode.PermissionDenied, $"access control policy has denied access to id:  operation: {operation} verb: {verb.ToString().ToUpperInvariant()}"));
    }
}
