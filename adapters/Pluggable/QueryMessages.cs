using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using RealTimeMesh.Contracts;
using RealTimeMesh.Pluggable.Protocol;

namespace RealTimeMesh.Pluggable;

/// <summary>Dapr's queries on the wire.</summary>
internal static class QueryMessages
{
    /// <summary>Throws <see cref="RealTimeMeshException"/> where the text is no query.</summary>
    public static Query Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new RealTimeMeshException($"query: found text that is no query ({e.Message}); expected a JSON object with filter, sort and page.", e);
        }
    }

    private static Query Read(JsonElement root)
    {
        var query = new Query { Pagination = new Pagination() };
        if (root.TryGetProperty("filter", out var filter) && filter.ValueKind != JsonValueKind.Null)
        {
            foreach (var condition in filter.EnumerateObject())
                query.Filter[condition.Name] = new Any { Value = ByteString.CopyFromUtf8(condition.Value.GetRawText()) };
        }

        if (root.TryGetProperty("sort", out var sort) && sort.ValueKind != JsonValueKind.Null)
        {
            foreach (var key in sort.EnumerateArray())
            {
                var descending = key.TryGetProperty("order", out var order) && order.GetString() == "DESC";
                query.Sort.Add(new Sorting { Key = key.GetProperty("key").GetString() ?? "", Order = descending ? Sorting.Types.Order.Desc : Sorting.Types.Order.Asc });
            }
        }

        if (root.TryGetProperty("page", out var page) && page.ValueKind != JsonValueKind.Null)
        {
            query.Pagination.Limit = page.TryGetProperty("limit", out var limit) ? limit.GetInt64() : 0;
            query.Pagination.Token = page.TryGetProperty("token", out var token) ? token.GetString() ?? "" : "";
        }

        return query;
    }
}
