using Google.Protobuf.Collections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using RealTimeMesh.Sidecar.Invocation.Wire;
using RpcMetadata = Grpc.Core.Metadata;

namespace RealTimeMesh.Sidecar.Invocation;

/// <summary>Headers of a call or an answer between the two protocols: binary values (names ending in <c>-bin</c>) are base64.</summary>
internal sealed class InvokeMetadata
{
    private const string ContentType = "content-type";

    private readonly Dictionary<string, StringValues> _values = new(StringComparer.OrdinalIgnoreCase);

    public StringValues this[string name]
    {
        get => _values.GetValueOrDefault(name);
        set => _values[name] = value;
    }

    public IReadOnlyDictionary<string, StringValues> Values => _values;

    /// <summary>True where a gRPC client or app sent them.</summary>
    public bool IsGrpc { get; private init; }

    public static InvokeMetadata From(IHeaderDictionary headers)
    {
        var metadata = new InvokeMetadata();
        foreach (var (name, value) in headers)
        {
            // As in Go, the host is no header.
            if (name[0] != ':' && !name.Equals("Host", StringComparison.OrdinalIgnoreCase))
                metadata._values[name] = value;
        }

        return metadata;
    }

    /// <param name="authority">Of the call; null for an answer.</param>
    public static InvokeMetadata From(RpcMetadata headers, string? authority = null)
    {
        var metadata = new InvokeMetadata { IsGrpc = true };
        metadata._values[ContentType] = "application/grpc";
        if (authority is not null)
            metadata._values[":authority"] = authority;
        foreach (var entry in headers)
            metadata.Append(entry.Key, entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes) : entry.Value);
        return metadata;
    }

    public static InvokeMetadata From(MapField<string, ListStringValue> fields)
    {
        var metadata = new InvokeMetadata { IsGrpc = fields.TryGetValue(ContentType, out var type) && type.Values is [var first, ..] && first.StartsWith("application/grpc", StringComparison.Ordinal) };
        foreach (var (name, list) in fields)
        {
            // Of names that differ in case only, the sidecar's own is the one in lower case: a client cannot stand in for it.
            if (!metadata._values.ContainsKey(name) || name.All(letter => !char.IsAsciiLetterUpper(letter)))
                metadata._values[name] = list.Values.ToArray();
        }

        return metadata;
    }

    /// <summary>Headers of an HTTP answer, hop-by-hop ones left out.</summary>
    public static InvokeMetadata From(HttpResponseMessage response)
    {
        var nominated = HopByHop.Nominated(response.Headers.NonValidated.TryGetValues("Connection", out var connection) ? connection.ToString() : "");
        var metadata = new InvokeMetadata();
        Add(response.Headers.NonValidated);
        Add(response.Content.Headers.NonValidated);
        return metadata;

        void Add(System.Net.Http.Headers.HttpHeadersNonValidated headers)
        {
            foreach (var (name, values) in headers)
            {
                // The length is that of the app's message; the answer gets one of its own.
                if (!HopByHop.Contains(name) && !nominated.Contains(name) && !name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                    metadata._values[name] = values.ToArray();
            }
        }
    }

    public void Remove(string name) => _values.Remove(name);

    public void Append(string name, string value) => _values[name] = StringValues.Concat(_values.GetValueOrDefault(name), value);

    public string? First(string name) => _values.TryGetValue(name, out var values) && values.Count > 0 ? values[0] : null;

    /// <summary>Every attempt has headers of its own: those of the sidecar's are added to a copy.</summary>
    public InvokeMetadata Copy()
    {
        var copy = new InvokeMetadata { IsGrpc = IsGrpc };
        foreach (var (name, value) in _values)
            copy._values[name] = value;
        return copy;
    }

    public void WriteTo(MapField<string, ListStringValue> fields)
    {
        foreach (var (name, values) in _values)
        {
            var list = new ListStringValue();
            foreach (var value in values)
                list.Values.Add(value ?? "");
            fields[name] = list;
        }
    }
}
