using Microsoft.Playwright;
using RealTimeMesh.Testing;

namespace RealTimeMesh.Console.Tests;

/// <summary>The rules of axe-core, run in a page: names, roles, contrast, order of headings, sizes of what is clicked.</summary>
internal static class Axe
{
    private static readonly string s_file = Repository.PathOf("tests/Console.Tests/npm/node_modules/axe-core/axe.min.js");

    private const string Run =
        """
        async () => (await axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }))
          .violations.map(rule => `${rule.id} (${rule.nodes.length}): ` + rule.nodes.slice(0, 2).map(node => node.html.slice(0, 160)).join(' and '))
        """;

    public static void SkipWhereAbsent() =>
        Assert.SkipUnless(File.Exists(s_file), "axe-core is absent: npm install --prefix tests/Console.Tests/npm");

    /// <summary>What breaks a rule, with the beginning of its element.</summary>
    public static async Task<IReadOnlyList<string>> FaultsAsync(IPage page)
    {
        await page.EvaluateAsync(await File.ReadAllTextAsync(s_file));
        return await page.EvaluateAsync<string[]>(Run);
    }
}
