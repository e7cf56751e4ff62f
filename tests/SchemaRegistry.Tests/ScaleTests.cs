using System.Text;

namespace RealTimeMesh.SchemaRegistry.Tests;

/// <summary>Ten thousand subjects.</summary>
public sealed class ScaleTests
{
    private const int Subjects = 10_000;
    private const int PageSize = 1_000;

    [Fact]
    public async Task Ten_thousand_subjects_are_read_from_the_log_and_listed_in_pages_each_once_and_in_order()
    {
        using var folder = new TemporaryFolder();
        var log = new StringBuilder();
        for (var n = 0; n < Subjects; n++)
            log.Append($$"""{"kind":"schema","subject":"{{Subject(n)}}","version":1,"id":{{n + 1}},"schema":"{\"type\":\"fixed\",\"name\":\"F{{n}}\",\"size\":8}","type":"AVRO"}""").Append('\n');
        Directory.CreateDirectory(Path.Combine(folder.Path, "registry"));
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "registry", "schemas.log"), log.ToString(), TestContext.Current.CancellationToken);

        await using var registry = await RunningRegistry.StartAsync(folder);
        var found = new List<string>();
        for (var offset = 0; offset < Subjects; offset += PageSize)
        {
            var (status, body) = await registry.SendAsync("GET", $"/subjects?offset={offset}&limit={PageSize}");
            Assert.Equal(200, status);
            Assert.Equal(PageSize, body!.AsArray().Count);
            found.AddRange(body.AsArray().Select(name => name!.GetValue<string>()));
        }

        Assert.Equal(Enumerable.Range(0, Subjects).Select(Subject), found);
        Assert.Empty((await registry.SendAsync("GET", $"/subjects?offset={Subjects}&limit={PageSize}")).Body!.AsArray());
        Assert.Equal(Subjects + 1, await registry.RegisterOkAsync("one-more", """{"type":"fixed","name":"More","size":8}"""));
        Assert.Equal(10, (await registry.SendAsync("GET", "/subjects?subjectPrefix=subject-0042")).Body!.AsArray().Count);
    }

    private static string Subject(int number) => $"subject-{number:D5}";
}
