using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace RealTimeMesh.Sidecar.Invocation;

/// <summary>Texts that clients see in daprd's errors because Go writes them so.</summary>
internal static class GoText
{
    /// <summary>A text in double quotes with Go's escapes.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                '\a' => quoted.Append("\\a"),
                '\b' => quoted.Append("\\b"),
                '\f' => quoted.Append("\\f"),
                '\v' => quoted.Append("\\v"),
                < ' ' or 0x7f => quoted.Append("\\x").Append(rune.Value.ToString("x2", CultureInfo.InvariantCulture)),
                _ => quoted.Append(rune.ToString()),
            };
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A failed HTTP request: <c>Get "http://…": dial tcp …: connect: connection refused</c>.</summary>
    public static string RequestError(string verb, string url, Exception exception)
    {
        var name = verb.Length == 0 ? verb : char.ToUpperInvariant(verb[0]) + verb[1..].ToLowerInvariant();
        return $"{name} {Quote(url)}: {ConnectionError(new Uri(url).Authority, exception)}";
    }

    /// <summary>What went wrong with a connection.</summary>
    public static string ConnectionError(string authority, Exception exception)
    {
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket)
            {
                return socket.SocketErrorCode switch
                {
                    SocketError.ConnectionRefused => $"dial tcp {authority}: connect: connection refused",
                    SocketError.ConnectionReset => "read tcp: read: connection reset by peer",
                    SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => $"dial tcp: lookup {authority[..authority.LastIndexOf(':')]}: no such host",
                    _ => $"dial tcp {authority}: {socket.Message}",
                };
            }
        }

        return exception is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } ? "EOF" : exception.InnerException?.Message ?? exception.Message;
    }

    /// <summary>Go's reason phrase of an HTTP status; empty for one it does not know.</summary>
    public static string StatusText(int status) => status switch
    {
        413 => "Request Entity Too Large",
        414 => "Request URI Too Long",
        416 => "Requested Range Not Satisfiable",
        _ => ReasonPhrases.GetReasonPhrase(status),
    };
}
