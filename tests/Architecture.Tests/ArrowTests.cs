using System.Xml.Linq;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Architecture.Tests;

/// <summary>The arrows of the design: services and workflows use libraries, adapters use libraries, libraries use neither.</summary>
public sealed class ArrowTests
{
    private static string Root => Repository.Root;

    [Fact]
    public void Libraries_reference_only_libraries()
    {
        Assert.All(References("libraries"), arrow => Assert.True(arrow.To == "libraries", arrow.ToString()));
    }

    [Fact]
    public void Adapters_reference_only_libraries()
    {
        Assert.All(References("adapters"), arrow => Assert.True(arrow.To == "libraries", arrow.ToString()));
    }

    [Fact]
    public void Services_do_not_reference_each_other_nor_the_sidecar_nor_its_components()
    {
        // The sidecar's executable is where its components are joined to it, as the host is.
        Assert.All(References("services").Where(arrow => !arrow.From.EndsWith("/SidecarHost.csproj", StringComparison.Ordinal)), arrow =>
        {
            Assert.NotEqual("services", arrow.To);
            Assert.DoesNotContain(arrow.Project, (string[])["Sidecar", "Components", "RocksDb", "Redis", "Kafka", "Garnet"]);
        });
    }

    [Fact]
    public void The_sidecars_executable_brings_no_embedded_server()
    {
        Assert.DoesNotContain(References("services/SidecarHost"), arrow => arrow.Project == "Garnet");
        Assert.DoesNotContain(Packages("adapters/Redis"), package => package.Contains("Garnet", StringComparison.Ordinal));
    }

    [Fact]
    public void Nothing_but_tests_and_benchmarks_references_the_host()
    {
        foreach (var folder in (string[])["libraries", "adapters", "services"])
            Assert.DoesNotContain(References(folder), arrow => arrow.Project == "AppHost");
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(Root, "RealTimeMesh.sln")).Replace('\\', '/');
        Assert.All(Projects(""), project => Assert.Contains(Path.GetRelativePath(Root, project), solution, StringComparison.Ordinal));
    }

    [Fact]
    public void No_package_version_stands_outside_the_central_file()
    {
        Assert.All(Projects(""), project => Assert.DoesNotContain(XDocument.Load(project).Descendants("PackageReference"), reference => reference.Attribute("Version") is not null));
    }

    [Fact]
    public void Every_relative_link_of_the_documents_leads_somewhere()
    {
        var documents = Directory.GetFiles(Root, "*.md").Concat(Directory.GetFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories));
        foreach (var document in documents)
        {
            foreach (System.Text.RegularExpressions.Match link in System.Text.RegularExpressions.Regex.Matches(File.ReadAllText(document), @"\]\(([^)#:]+)(#[^)]*)?\)"))
                Assert.True(Path.Exists(Path.Combine(Path.GetDirectoryName(document)!, link.Groups[1].Value)), $"{Path.GetRelativePath(Root, document)} links to {link.Groups[1].Value}");
        }
    }

    private static IEnumerable<Arrow> References(string folder) =>
        from project in Projects(folder)
        from reference in XDocument.Load(project).Descendants("ProjectReference")
        let target = Path.GetFullPath(reference.Attribute("Include")!.Value.Replace('\\', '/'), Path.GetDirectoryName(project)!)
        select new Arrow(Path.GetRelativePath(Root, project), Path.GetRelativePath(Root, target).Split('/')[0], Path.GetFileNameWithoutExtension(target));

    private static IEnumerable<string> Packages(string folder) =>
        from project in Projects(folder)
        from reference in XDocument.Load(project).Descendants("PackageReference")
        select reference.Attribute("Include")!.Value;

    private static IEnumerable<string> Projects(string folder) =>
        Directory.GetFiles(Path.Combine(Root, folder), "*.csproj", SearchOption.AllDirectories).Where(path => !path.Contains("/artifacts/", StringComparison.Ordinal));

    private sealed record Arrow(string From, string To, string Project);
}
