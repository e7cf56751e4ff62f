using System.Net;
using System.Text;

namespace RealTimeMesh.Sidecar.Tests.BlackBox.Publish;

/// <summary>Names of any Unicode, of components and of topics.</summary>
public sealed class NameTests
{
    [Fact]
    public async Task Components_and_topics_may_have_any_name()
    {
        var random = new Random(42);
        var names = Enumerable.Range(0, 200).Select(_ => Name(random)).Distinct(StringComparer.Ordinal).ToArray();
        var topics = names.Select(_ => Name(random)).ToArray();
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            Resources = [.. names.Select(name => $"apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata:\n  name: {Quoted(name)}\nspec:\n  type: pubsub.in-memory\n  version: v1\n")],
        });
        Assert.Equal(names.Order(StringComparer.Ordinal), (await daprd.MetadataAsync()).GetProperty("components").EnumerateArray().Select(component => component.GetProperty("name").GetString()!).Order(StringComparer.Ordinal));
        for (var i = 0; i < names.Length; i++)
        {
            var answer = await daprd.PostAsync($"/v1.0/publish/{WebUtility.UrlEncode(names[i])}/{WebUtility.UrlEncode(topics[i])}", """{"status": "completed"}""", "application/json");
            Assert.True(answer.Status == HttpStatusCode.NoContent, $"{names[i]} {topics[i]}: {answer.Status} {answer.Body}");
        }
    }

    [Fact]
    public async Task State_stores_may_have_any_name()
    {
        var random = new Random(43);
        var names = Enumerable.Range(0, 200).Select(_ => Name(random)).Distinct(StringComparer.Ordinal).ToArray();
        await using var daprd = await Daprd.StartAsync(new DaprdSetup
        {
            Resources = [.. names.Select(name => $"apiVersion: dapr.io/v1alpha1\nkind: Component\nmetadata:\n  name: {Quoted(name)}\nspec:\n  type: state.in-memory\n  version: v1\n")],
        });
        foreach (var name in names)
        {
            var path = $"/v1.0/state/{WebUtility.UrlEncode(name)}";
            var saved = await daprd.PostAsync(path, """[{"key": "key1", "value": "value1"}]""");
            Assert.True((saved.Status, saved.Body) == (HttpStatusCode.NoContent, ""), $"{name}: {saved.Status} {saved.Body}");
            Assert.Equal("\"value1\"", (await daprd.GetAsync($"{path}/key1")).Body);
            Assert.Equal("\"value1\"", (await daprd.Grpc.GetStateAsync(new Dapr.Client.Autogen.Grpc.v1.GetStateRequest { StoreName = name, Key = "key1" })).Data.ToStringUtf8());
        }
    }

    private static string Quoted(string name) => $"'{name.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Name(Random random)
    {
        // Resource names begin with a letter here; "." and names with "%" or "/" are none.
        var text = new StringBuilder("n");
        var length = random.Next(1, 20);
        while (text.Length < length)
        {
            var rune = random.Next(4) switch { 0 => random.Next(0x21, 0x7f), 1 => random.Next(0xa1, 0x2ff), 2 => random.Next(0x4e00, 0x9fff), _ => random.Next(0x1f300, 0x1f5ff) };
            if (rune is not ('/' or '%' or '\\' or '"'))
                text.Append(char.ConvertFromUtf32(rune));
        }

        return text.ToString();
    }
}
