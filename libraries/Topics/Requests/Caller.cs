using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Topics.Requests;

/// <summary>Who asks.</summary>
internal static class Caller
{
    private const int MaxLength = 128;

    /// <summary>The name the caller gives in <c>x-mesh-user</c>, with the address it comes from.</summary>
    public static string Of(HttpContext context)
    {
        var name = new string([.. context.Request.Headers["x-mesh-user"].ToString().Where(c => !char.IsControl(c)).Take(MaxLength)]);
        return $"{(name.Length == 0 ? "unnamed" : name)} at {context.Connection.RemoteIpAddress?.ToString() ?? "this process"}";
    }
}
