using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Administration;

/// <summary>Who asks.</summary>
public static class Caller
{
    public const string Header = "x-mesh-user";
    private const int MaxLength = 128;

    /// <summary>The name the caller gives in <c>x-mesh-user</c>, with the address it comes from.</summary>
    public static string Of(HttpContext context)
    {
        var name = new string([.. context.Request.Headers[Header].ToString().Where(c => !char.IsControl(c)).Take(MaxLength)]);
        return $"{(name.Length == 0 ? "unnamed" : name)} at {context.Connection.RemoteIpAddress?.ToString() ?? "this process"}";
    }
}
