using System.Buffers;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using RealTimeMesh.Sidecar.Grpc;
using RealTimeMesh.Sidecar.Server;

namespace RealTimeMesh.Sidecar.Http;

/// <summary>The header <c>baggage</c> (W3C): what callers send reaches apps as it is and comes back to them; what is none is refused.</summary>
internal static class Baggage
{
    private const string Header = "baggage";
    private const int MaxMembers = 180;
    private const int MaxLength = 8192;

    private static readonly SearchValues<char> Token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>False where the request was refused; its answer is written then.</summary>
    public static async ValueTask<bool> AdmitAsync(HttpContext context)
    {
        if (context.Request.Headers[Header] is not [_, ..] values || context.Features.Get<DoorFeature>()?.Door is not (null or SidecarDoor.Http or SidecarDoor.Grpc))
            return true;
        var text = string.Join(',', (IEnumerable<string?>)values);
        if (Fault(text) is { } fault)
        {
            await RefuseAsync(context, $"invalid baggage header: {fault}");
            return false;
        }

        context.Response.Headers[Header] = text;
        return true;
    }

    /// <summary>What is wrong with a list; null for nothing.</summary>
    internal static string? Fault(string text)
    {
        if (text.Length > MaxLength)
            return $"baggage string is too large: {text.Length}";
        var members = text.Split(',');
        if (members.Length > MaxMembers)
            return "number of list-members in baggage-string exceeds limit";
        return members.FirstOrDefault(member => !IsMember(member)) is { } wrong ? $"invalid baggage list-member: \"{wrong}\"" : null;
    }

    /// <summary><c>key=value</c>, and properties behind semicolons.</summary>
    private static bool IsMember(string member)
    {
        var pair = member.Split(';')[0];
        var equals = pair.IndexOf('=');
        return equals > 0 && IsKey(pair.AsSpan(0, equals).Trim()) && IsValue(pair.AsSpan(equals + 1).Trim());
    }

    private static bool IsKey(ReadOnlySpan<char> key) => !key.IsEmpty && !key.ContainsAnyExcept(Token);

    private static bool IsValue(ReadOnlySpan<char> value) => !value.ContainsAnyExceptInRange('!', '~') && value.IndexOfAny('"', '\\', ',') < 0;

    private static Task RefuseAsync(HttpContext context, string message)
    {
        if (UnimplementedMethods.IsGrpc(context.Request))
            return UnimplementedMethods.FailAsync(context, StatusCode.InvalidArgument, message);
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(message + "\n");
    }
}
