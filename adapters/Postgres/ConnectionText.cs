using System.Net.Sockets;
using Npgsql;
using RealTimeMesh.ChangeCapture;

namespace RealTimeMesh.Postgres;

/// <summary>Connection strings: keywords as Npgsql takes them, or a <c>postgres://</c> URL.</summary>
internal static class ConnectionText
{
    public static NpgsqlConnectionStringBuilder Parse(string text, string application)
    {
        try
        {
            var builder = text.StartsWith("postgres://", StringComparison.Ordinal) || text.StartsWith("postgresql://", StringComparison.Ordinal)
                ? FromUrl(new Uri(text))
                : new NpgsqlConnectionStringBuilder(text);
            builder.ApplicationName ??= application;
            // What texts look like must not hang on the server's settings; a guard of the server against long statements is for others.
            builder.Options = $"{builder.Options} -c DateStyle=ISO -c IntervalStyle=postgres -c TimeZone=UTC -c extra_float_digits=3 -c bytea_output=hex -c statement_timeout=0 -c idle_in_transaction_session_timeout=0".Trim();
            builder.Encoding = "UTF8";
            builder.ReadBufferSize = Math.Max(builder.ReadBufferSize, 64 * 1024);
            builder.KeepAlive = builder.KeepAlive == 0 ? 15 : builder.KeepAlive;
            builder.IncludeErrorDetail = false;
            return builder;
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            // Its text may hold a password: it is not repeated.
            throw new ChangeCaptureException("connection: found a text that is no connection string; expected keywords such as 'Host=db;Port=5432;Database=shop;Username=cdc;Password=…', or postgres://user:password@host:5432/database. Correct it.", e);
        }
    }

    /// <summary>What went wrong, in one line, without the stack of the driver.</summary>
    public static string Reason(Exception e) => e switch
    {
        PostgresException server => $"{server.SqlState}: {server.MessageText}",
        NpgsqlException { InnerException: SocketException socket } => socket.Message,
        { InnerException: { } inner } when e is NpgsqlException => $"{e.Message} ({inner.Message})",
        _ => e.Message,
    };

    private static NpgsqlConnectionStringBuilder FromUrl(Uri url)
    {
        var user = url.UserInfo.Split(':', 2);
        var builder = new NpgsqlConnectionStringBuilder { Host = Uri.UnescapeDataString(url.Host), Port = url.Port > 0 ? url.Port : 5432 };
        if (url.AbsolutePath.Trim('/') is { Length: > 0 } database)
            builder.Database = Uri.UnescapeDataString(database);
        if (user[0].Length > 0)
            builder.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1)
            builder.Password = Uri.UnescapeDataString(user[1]);
        foreach (var pair in url.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = pair.Split('=', 2) is [var left, var right] ? (left, Uri.UnescapeDataString(right)) : (pair, "");
            builder[name switch { "sslmode" => "SSL Mode", "application_name" => "Application Name", "connect_timeout" => "Timeout", _ => name }] = name == "sslmode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
        }

        return builder;
    }
}
